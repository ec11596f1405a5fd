import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../primitives/errors.js';
import { InvalidKeyError } from './alphabet.js';
import { CacheKey } from './key.js';
import { defineKey, type KeyParameters } from './template.js';

const Stats = defineKey('agent:{agentId}:stats:{timeframe}');
type Loose = KeyParameters<'agent:{agentId}:stats:{timeframe}'>;

describe('a template', () => {
  it('makes a key of its parameters, with its tags, TTL and label', () => {
    const key = Stats({ agentId: '456', timeframe: '7d' });

    expect(key).toBeInstanceOf(CacheKey);
    expect(String(key)).toBe('agent:456:stats:7d');
    expect(key).toMatchObject({ name: 'agent:456:stats:7d', tags: ['agent:456'], ttl: 1_800_000 });
    expect(key.family).toEqual({
      label: 'agent:{agentId}:stats:{timeframe}',
      ttl: undefined,
      policy: {},
      version: 1,
    });
  });

  it('takes whole numbers as ids', () => {
    expect(defineKey('user:{userId}')({ userId: 42 }).name).toBe('user:42');
  });

  it('carries its own tags beside those of the entities, each once', () => {
    const Report = defineKey('report:{id}:user:{userId}', {
      tags: ({ id }) => [`report:${id}`, 'user:7', 'all-reports'],
    });

    expect(Report({ id: 1, userId: 7 }).tags).toEqual(['user:7', 'report:1', 'all-reports']);
  });

  it('prefers its own TTL to that of the timeframe, and takes TTL and grace in seconds', () => {
    const Board = defineKey('board:{timeframe}', { ttl: 1.5, grace: 2, version: 3 });

    expect(Board({ timeframe: 'all' })).toMatchObject({
      ttl: 1_500,
      family: { ttl: 1_500, policy: { grace: 2_000 }, version: 3 },
    });
  });

  it.each(['a:b', '*', '1\n', '', 'x y', '{id}', 1.5, null, undefined, ['a']])(
    'refuses the parameter %j by name',
    (agentId) => {
      expect(() => Stats({ agentId, timeframe: '7d' } as unknown as Loose)).toThrow(/^key parameter agentId must be /);
    },
  );

  it.each(['1h', 'constructor', '__proto__', 7])('refuses the timeframe %j', (timeframe) => {
    expect(() => Stats({ agentId: '1', timeframe } as unknown as Loose)).toThrow(/timeframe must be one of/);
  });

  it('takes no parameter from a prototype', () => {
    const inherited = Object.create({ id: '1' }) as { id: string };

    expect(() => defineKey('odd:{id}')(inherited)).toThrow(/^key parameter id must be .*; received undefined$/);
    expect(() => defineKey('odd:{constructor}')({} as never)).toThrow(/^key parameter constructor must be /);
  });

  it('refuses a key longer than 256 characters, and passes one of 256', () => {
    const User = defineKey('user:{id}');

    expect(User({ id: 'x'.repeat(251) }).name).toHaveLength(256);
    expect(() => User({ id: 'x'.repeat(252) })).toThrow('a key of user:{id} must be at most 256 characters');
  });

  it.each([undefined, null, 'id', 7])('refuses %j where its parameters should be', (parameters) => {
    for (const template of ['user:{id}', 'board:{timeframe}', 'plain'])
      expect(() => defineKey(template)(parameters as never)).toThrow(
        `the parameters of ${template} must be an object; received`,
      );
  });

  it('refuses tags of its own that are no array, and one with a hole', () => {
    const tagged = (tags: unknown): unknown => defineKey('x', { tags: () => tags as string[] })({});

    for (const tags of [{ map: () => ['*'] }, 'a', null, undefined])
      expect(() => tagged(tags)).toThrow('the tags of x must be an array');
    expect(() => tagged(new Array(1))).toThrow('a tag of x must be 1 to 256 characters');
  });

  it('refuses a tag of its own outside the alphabet', () => {
    const Bad = defineKey('x:{id}', { tags: () => ['user:*'] });

    expect(() => Bad({ id: 1 })).toThrow(/^a tag of x:\{id\} must be /);
  });

  it.each([
    '',
    'a::b',
    ':a',
    'a:',
    'a:{b',
    'a:b}',
    'a:{b}c',
    'a:x{b}',
    'a:{}',
    'a:{1b}',
    'a:{b-c}',
    'a:*',
    'a b',
    'a:{b}:{b}',
    'a\n',
  ])('cannot be declared as %j', (template) => {
    expect(() => defineKey(template)).toThrow(InvalidKeyError);
  });

  it.each([undefined, null, 7, ['a'], new String('a:{b}')])(
    'cannot be declared as %j, which is no string',
    (template) => {
      expect(() => defineKey(template as string)).toThrow(/^a template must be a string; received /);
    },
  );

  it('cannot be declared when it leaves its parameters no room', () => {
    expect(defineKey(`${'x'.repeat(254)}:{id}`)({ id: 1 }).name).toHaveLength(256);
    for (const template of [`${'x'.repeat(255)}:{id}`, 'x'.repeat(257)])
      expect(() => defineKey(template)).toThrow('a template must be short enough for keys of at most 256 characters');
  });

  it.each([{ ttl: 0 }, { ttl: -1 }, { ttl: Infinity }, { grace: -1 }, { version: 0 }, { version: 1.5 }])(
    'cannot be declared with %j',
    (options) => {
      expect(() => defineKey('a:{id}', options)).toThrow(InvalidOptionError);
    },
  );

  it.each([
    ['auto', "advice of a:{id} must be 'off', 'advise' or { auto: { minTtl, maxTtl } }"],
    [
      { auto: { minTtl: 10, maxTtl: 5 } },
      'maxTtl of advice of a:{id} must be a number from 10 to 31622400; received 5',
    ],
    [{ auto: { minTtl: 10, maxTtl: 50 } }, 'ttl of a:{id} must be from minTtl to maxTtl of its advice, 10 to 50'],
  ])('refuses the advice %j', (advice, message) => {
    expect(() => defineKey('a:{id}', { ttl: 60, advice: advice as never })).toThrow(message);
  });
});

describe('a schema and a migration', () => {
  const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;

  it('are part of what the keys share', () => {
    const migrate = (): unknown => 1;
    expect(defineKey('a:{id}', { schema, migrate, version: 2 })({ id: 1 }).family).toMatchObject({ schema, migrate });
    expect(defineKey('a:{id}', { schema: Object.assign(() => 1, schema) })({ id: 1 }).family.schema).toBeTypeOf(
      'function',
    );
  });

  it.each([
    null,
    7,
    {},
    () => true,
    { '~standard': { version: 2, validate: () => 1 } },
    { '~standard': { version: 1 } },
  ])('a schema is none by the standard: %j', (given) => {
    expect(() => defineKey('a:{id}', { schema: given as unknown as typeof schema })).toThrow(
      /^schema of a:\{id\} must be a Standard Schema of version 1, /,
    );
  });

  it('a migration is a function, of a template that has an older version', () => {
    expect(() => defineKey('a:{id}', { version: 2, migrate: {} as never })).toThrow(
      'migrate of a:{id} must be a function; received a value of type object',
    );
    expect(() => defineKey('a:{id}', { migrate: () => 1 })).toThrow(
      'migrate of a:{id} must be of a template whose version is 2 or more: there is nothing older; received 1',
    );
  });
});

describe('match', () => {
  it('finds the key that a name is, with everything the template gives', () => {
    expect(Stats.match('agent:456:stats:7d')).toEqual(Stats({ agentId: '456', timeframe: '7d' }));
  });

  it.each(['agent:456:stats', 'agent:456:stats:7d:x', 'agent:456:runs:7d', 'user:456:stats:7d', ''])(
    'finds none for %j',
    (name) => {
      expect(Stats.match(name)).toBeUndefined();
    },
  );
});

describe('no two sets of parameters', () => {
  it('make one key', () => {
    const Pair = defineKey('pair:{a}:x:{b}');
    const id = fc.string({ unit: fc.constantFrom('a', 'x', ':', '.', '-'), maxLength: 4 });
    fc.assert(
      fc.property(id, id, id, id, (a, b, c, d) => {
        const [one, other] = [built(() => Pair({ a, b })), built(() => Pair({ a: c, b: d }))];
        if (one !== undefined && one === other) expect([a, b]).toEqual([c, d]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('and a key is matched by the parameters it was made of', () => {
    const id = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,20}$/);
    const Pair = defineKey('pair:{a}:x:{b}');
    fc.assert(
      fc.property(id, id, (a, b) => {
        expect(Pair.match(Pair({ a, b }).name)).toEqual(Pair({ a, b }));
      }),
    );
  });
});

function built(make: () => CacheKey): string | undefined {
  try {
    return make().name;
  } catch {
    return undefined;
  }
}
