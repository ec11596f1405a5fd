import { decodeEnvelope, type Envelope, peekHead, type Unreadable } from '../../src/codec/envelope.js';
import { parseFrozen } from '../../src/codec/json.js';
import type { Chance } from '../coherence/chance.js';
import type { Mutation } from './mutations.js';
import { Score } from './score.js';
import { isOf, type Specimen, specimens } from './specimens.js';

/** What is attacked: how stored bytes become an entry, and its payload a value. */
export interface Codec {
  decode(key: string, bytes: Buffer): Envelope | Unreadable;
  parse(payload: string): unknown;
}

/** The package's own. */
export const CODEC_OF_PACKAGE: Codec = { decode: (key, bytes) => decodeEnvelope(key, bytes), parse: parseFrozen };

/** What a value may become, where nothing else is said; those of the attacks are shorter. */
const LONGEST = 1_048_576;

/** What must be as it was: nobody may add to what all objects inherit. */
const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype];

function inherited(): string {
  return PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).map(String).join()).join('|');
}

/** How one attack is made. */
export interface EnvelopeAttack {
  readonly name: string;
  readonly mutations: Readonly<Record<string, Mutation>>;
  /** Whether the mutations know nothing of the checksum: then all that is accepted is the entry itself, byte by byte. */
  readonly isBlind: boolean;
  readonly count: number;
}

interface Trial {
  readonly how: string;
  readonly asked: Specimen;
  readonly bytes: Buffer;
}

/** Decodes so many mutated entries, each under its own key and under that of the entry it was mixed with. */
export function attackCodec(codec: Codec, chance: Chance, attack: EnvelopeAttack): Score {
  const score = new Score(attack.name);
  const entries = specimens(chance, 64);
  const mutations = Object.entries(attack.mutations);
  const before = inherited();
  for (let i = 0; i < attack.count; i += 1) {
    const [own, other] = [chance.pick(entries), chance.pick(entries)];
    const [how, mutate] = mutations[i % mutations.length] as [string, Mutation];
    const bytes = mutate(chance, own, other);
    score.count('entries mutated');
    for (const asked of own === other ? [own] : [own, other])
      tryOne(codec, score, { how, asked, bytes }, attack.isBlind);
    if (i % 1_000 === 0) {
      score.progress(i, attack.count);
      if (inherited() !== before) score.violation(`${how}: a prototype was changed`);
    }
  }
  if (inherited() !== before) score.violation('a prototype was changed');
  return score;
}

function tryOne(codec: Codec, score: Score, trial: Trial, isBlind: boolean): void {
  const { how, asked, bytes } = trial;
  try {
    const envelope = codec.decode(asked.key, bytes);
    peekHead(asked.key, bytes);
    const isWhole = bytes.equals(asked.bytes);
    score.count(
      typeof envelope === 'string' ? `refused as ${envelope}` : isWhole ? 'accepted, being whole' : 'accepted',
    );
    if (typeof envelope === 'string') return;
    if (envelope.key !== asked.key || !isOf(asked.key, bytes))
      score.violation(`${how}: ${asked.key} was given the entry of another key`);
    if (isBlind && !isWhole) score.violation(`${how}: damage was accepted: ${bytes.toString('base64')}`);
    if (isBlind && envelope.payload !== asked.payload) score.violation(`${how}: ${asked.key} has another value`);
    if (envelope.payload.length > Math.max(LONGEST, bytes.length))
      score.violation(`${how}: became ${envelope.payload.length} characters`);
    judgeValue(codec, score, how, envelope.payload);
  } catch (error) {
    score.violation(`${how}: threw ${String(error)}: ${bytes.toString('base64').slice(0, 400)}`);
  }
}

/** A payload that is no JSON is told by a SyntaxError, which readers take for an unreadable entry. */
function judgeValue(codec: Codec, score: Score, how: string, payload: string): void {
  try {
    const value = codec.parse(payload);
    score.count('values parsed');
    for (const flaw of flawsOf(value)) score.violation(`${how}: ${flaw}: ${payload.slice(0, 200)}`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    score.count('values refused as no JSON');
  }
}

function flawsOf(root: unknown): string[] {
  const flaws = new Set<string>();
  if (Reflect.get({}, 'polluted') !== undefined) flaws.add('all objects have a new property');
  const pending = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) flaws.add('a value has a property __proto__');
    if (!Object.isFrozen(value)) flaws.add('a value can be changed');
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== Array.prototype)
      flaws.add('a value has a prototype of its own');
    pending.push(...Object.values(value as Record<string, unknown>));
  }
  return [...flaws];
}
