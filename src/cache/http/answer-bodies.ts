import type { MemoryStore, Resident } from '../../stores/contracts.js';
import type { StoredAnswer } from './response-answer.js';

/** The bytes of one answer's body. */
export interface EncodedBody extends Resident<EncodedBody> {
  readonly answer: StoredAnswer;
  readonly body: Buffer;
}

const OVERHEAD_BYTES = 400;

/**
 * The bodies of answers in memory as the bytes that are sent, made when an answer is first sent and used for every hit
 * after that. Bounded, since they are kept beside the values that they were made of.
 */
export class AnswerBodies {
  constructor(private readonly bodies: MemoryStore<EncodedBody>) {}

  /** The JSON of what was found under `key`. Another answer than the one before is encoded anew: this never tells an older one. */
  of(key: string, answer: StoredAnswer): Buffer {
    const known = this.bodies.get(key);
    if (known?.answer === answer) return known.body;
    const body = Buffer.from(JSON.stringify(answer.body));
    const notes = { visits: 0, isMain: false, older: undefined, newer: undefined };
    this.bodies.set({ key, answer, body, bytes: body.length + OVERHEAD_BYTES, ...notes });
    return body;
  }
}
