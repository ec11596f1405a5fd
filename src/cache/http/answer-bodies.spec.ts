import { describe, expect, it } from 'vitest';
import { memoryOf } from '../cache-runtime.js';
import { AnswerBodies } from './answer-bodies.js';
import type { StoredAnswer } from './response-answer.js';

const answer = (body: unknown): StoredAnswer => ({ of: 'Routes.get', body, etag: 'W/"1"' });

describe('AnswerBodies', () => {
  it('encodes an answer once, and another one under its key anew', () => {
    const bodies = new AnswerBodies(memoryOf(10_000));
    const first = answer({ text: 'é' });
    const bytes = bodies.of('k', first);

    expect(bytes.toString()).toBe('{"text":"é"}');
    expect(bodies.of('k', first)).toBe(bytes);
    expect(bodies.of('k', answer({ text: 'new' })).toString()).toBe('{"text":"new"}');
  });

  it('gives what is too large to be kept all the same', () => {
    const bodies = new AnswerBodies(memoryOf(1_000));
    const large = answer('x'.repeat(2_000));

    expect(bodies.of('k', large)).toHaveLength(2_002);
    expect(bodies.of('k', large)).not.toBe(bodies.of('k', large));
  });
});
