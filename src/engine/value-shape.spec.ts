import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { SchemaIssue, ValueSchema } from '../keys/value-schema.js';
import { SystemClock } from '../primitives/clock.js';
import { ManualClock } from '../testing/manual-clock.js';
import { InvalidValueError, isRefusal, LONGEST_SHAPING, type Refusal, validated } from './value-shape.js';

const clock = new SystemClock();

type Validate = ValueSchema['~standard']['validate'];

function schemaOf(validate: Validate): ValueSchema {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

const refusing = (path?: SchemaIssue['path']): ValueSchema => schemaOf(() => ({ issues: [{ message: 'no', path }] }));

describe('a schema that answers at once', () => {
  it('is answered in the same turn', () => {
    expect(
      validated(
        clock,
        schemaOf((value) => ({ value: [value] })),
        1,
      ),
    ).toEqual({ value: [1] });
  });

  it('is told what it finds, with no more of the path than names of properties', () => {
    const paths: [SchemaIssue['path'], string][] = [
      [undefined, ''],
      [[], ''],
      [['a', 0, { key: 'b' }], 'a.0.b'],
      [['ada@example.com', '17', 'x'.repeat(41), Symbol('s')], '*.*.*.*'],
      [Array<string>(20).fill('a'), 'a.a.a.a.a.a.a.a'],
    ];
    for (const [path, told] of paths)
      expect(validated(clock, refusing(path), 1)).toMatchObject({ why: 'issues', path: told });
  });

  it.each([null, undefined, 7, 'text'])('is refused where it answers %j', (answer) => {
    const shaped = validated(
      clock,
      schemaOf(() => answer as never),
      1,
    );
    expect(shaped).toMatchObject({ why: 'threw', error: expect.any(TypeError) as TypeError });
  });
});

describe('a schema that takes its time', () => {
  it('is waited for, but not for ever', async () => {
    const still = new ManualClock();
    const hanging = validated(
      still,
      schemaOf(() => new Promise(() => undefined)),
      1,
    );

    await still.advance(LONGEST_SHAPING);

    expect(await hanging).toEqual({ why: 'slow', path: '', issues: [] });
    expect(
      await validated(
        still,
        schemaOf((value) => Promise.resolve({ value })),
        1,
      ),
    ).toEqual({ value: 1 });
    expect(still.pending).toBe(0);
  });

  it('that fails is no failure of a reader', async () => {
    const boom = new Error('boom');
    const shaped = await validated(
      clock,
      schemaOf(() => Promise.reject(boom)),
      1,
    );
    expect(isRefusal(shaped)).toBe(true);
    expect(shaped).toMatchObject({ why: 'threw', error: boom });
  });
});

describe('InvalidValueError', () => {
  const refusal: Refusal = { why: 'issues', path: 'name', issues: [{ message: 'got hunter2' }] };

  it('says whose the value is, where it does not fit, and what to do', () => {
    expect(new InvalidValueError('user:{id}', 'loader', refusal).message).toBe(
      'what a loader of user:{id} returns must, as JSON tells it, fit the schema of the template; it does not at name; mend the value, or the schema',
    );
    expect(new InvalidValueError('a', 'set', { ...refusal, why: 'slow', path: '' }).message).toContain(
      'the schema has not answered within 2000 ms',
    );
  });

  it('does not print what the schema says, which may quote the value', () => {
    const error = new InvalidValueError('user:{id}', 'loader', refusal);
    expect(error.issues).toBe(refusal.issues);
    expect(inspect(error, { showHidden: true, depth: 9 }) + JSON.stringify(error)).not.toContain('hunter2');
  });
});
