import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope } from '../../src/codec/envelope.js';
import { deepFreeze } from '../../src/codec/json.js';
import { Chance } from '../coherence/chance.js';
import { RedisServer } from '../support/redis-server.js';
import { attackCodec, type Codec, CODEC_OF_PACKAGE, type EnvelopeAttack } from './envelope-attack.js';
import { LONGEST_ENTRY, Shelf } from './envelope-shelf.js';
import { BLIND, FORGERIES, NESTED } from './mutations.js';
import { PATIENCE_MS, SEED, sizeOf } from './size.js';
import { renamed, sealed } from './specimens.js';

const FEW = 2_000;

const DAMAGE: EnvelopeAttack = {
  ...{ name: 'damaged entries', mutations: BLIND, isBlind: true },
  count: sizeOf(600_000, 10_000),
};
const FORGED: EnvelopeAttack = {
  ...{ name: 'forged entries', mutations: FORGERIES, isBlind: false },
  count: sizeOf(400_000, 8_000),
};
const DEEP: EnvelopeAttack = {
  ...{ name: 'entries nested 1,000 to 100,000 levels deep', mutations: NESTED, isBlind: false },
  count: sizeOf(600, 18),
};

describe('decoding', { timeout: PATIENCE_MS }, () => {
  it.for([DAMAGE, FORGED, DEEP])(
    '$name never throws, gives away another key or changes a prototype',
    (attack, { task }) => {
      const score = attackCodec(CODEC_OF_PACKAGE, new Chance(SEED), attack);
      task.meta.figures = [score.figures];

      expect(score.violations).toEqual([]);
      expect(score.of('entries mutated')).toBe(attack.count);
      expect(score.of('accepted') > 0).toBe(!attack.isBlind);
      expect(score.of('refused as corrupt')).toBeGreaterThan(0);
    },
  );
});

const PREFIXED = /^\{"__proto__":\{"polluted":true\}\}$/;

/** Whether the checksum is right. */
function isWhole(bytes: Buffer): boolean {
  return sealed(bytes).equals(bytes);
}

/** Copies a value as careless code does. */
function mergedInto(target: Record<string, unknown>, source: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(source)) {
    if (typeof value === 'object' && value !== null) mergedInto(target[name] as never, value as never);
    else target[name] = value;
  }
}

const MUTANTS: readonly {
  readonly flaw: string;
  readonly mutant: Partial<Codec>;
  readonly found: RegExp;
  readonly attack: EnvelopeAttack;
}[] = [
  {
    ...{ flaw: 'no checksum', attack: DAMAGE, found: /damage was accepted/ },
    mutant: { decode: (key, bytes) => decodeEnvelope(key, sealed(bytes)) },
  },
  {
    ...{ flaw: 'no look at the key', attack: FORGED, found: /was given the entry of/ },
    mutant: { decode: (key, bytes) => decodeEnvelope(key, isWhole(bytes) ? sealed(renamed(bytes, key)) : bytes) },
  },
  {
    ...{ flaw: 'a head that is believed', attack: DAMAGE, found: /threw RangeError/ },
    mutant: {
      decode: (key, bytes) => {
        bytes.readUInt32BE(1);
        return decodeEnvelope(key, bytes);
      },
    },
  },
  {
    ...{ flaw: 'a value that is not frozen', attack: FORGED, found: /can be changed/ },
    mutant: { parse: (payload) => JSON.parse(payload) as unknown },
  },
  {
    ...{ flaw: 'no look at __proto__', attack: FORGED, found: /a property __proto__/ },
    mutant: { parse: (payload) => deepFreeze(JSON.parse(payload) as unknown) },
  },
  {
    ...{ flaw: 'a search for __proto__ that does not know of escapes', attack: FORGED, found: /a property __proto__/ },
    mutant: {
      parse: (payload) => (payload.includes('__proto__') ? null : deepFreeze(JSON.parse(payload) as unknown)),
    },
  },
  {
    ...{ flaw: 'no limit of what bytes may become', attack: DEEP, found: /became \d+ characters/ },
    mutant: { decode: (key, bytes) => decodeEnvelope(key, bytes, 2 ** 29) },
  },
  {
    ...{ flaw: 'a recursive freeze', attack: DEEP, found: /threw RangeError/ },
    mutant: {
      parse: (payload) => {
        const freeze = (value: unknown): void => {
          if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze);
        };
        const value: unknown = JSON.parse(payload);
        freeze(value);
        return value;
      },
    },
  },
  {
    ...{ flaw: 'a copy that follows __proto__', attack: FORGED, found: /prototype was changed|a new property/ },
    mutant: {
      parse: (payload) => {
        if (PREFIXED.test(payload)) mergedInto({}, JSON.parse(payload) as Record<string, unknown>);
        return null;
      },
    },
  },
];

describe('the attack finds', () => {
  it.each(MUTANTS)('$flaw', ({ mutant, attack, found }) => {
    try {
      const score = attackCodec({ ...CODEC_OF_PACKAGE, ...mutant }, new Chance(SEED), {
        ...attack,
        count: attack === DEEP ? 18 : FEW,
      });
      expect(score.violations.join('\n')).toMatch(found);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted');
    }
  });
});

describe('read from a real Redis', { timeout: PATIENCE_MS }, () => {
  let redis: RedisServer;
  let shelf: Shelf;
  beforeAll(async () => {
    redis = await RedisServer.start();
    shelf = await Shelf.open(redis, new Chance(SEED));
  });
  afterAll(async () => {
    await shelf.close();
    await redis.stop();
  });

  it.for([DAMAGE, FORGED, DEEP])('$name are misses, and no reader fails', async (attack, { task }) => {
    const count = attack === DEEP ? sizeOf(500, 24) : sizeOf(100_000, 2_000);
    const score = await shelf.read({ ...attack, name: `${attack.name} read from a real Redis`, count });
    task.meta.figures = [score.figures];

    expect(score.violations).toEqual([]);
    expect(score.of('whole entries, served')).toBeGreaterThan(0);
    expect(score.of('mutated entries, missed')).toBeGreaterThan(count / 4);
  });

  it('a value of the longest size is served, and one a byte longer is not', async () => {
    const whole = await shelf.entry('big', 'x'.repeat(LONGEST_ENTRY - 300));
    const { payload, ...head } = decodeEnvelope('big', whole) as Exclude<ReturnType<typeof decodeEnvelope>, string>;
    const ofLength = (length: number): Buffer => {
      const filler = length - (whole.length - Buffer.byteLength(payload)) - 2;
      return encodeEnvelope(head, JSON.stringify('y'.repeat(filler)));
    };

    expect(ofLength(LONGEST_ENTRY)).toHaveLength(LONGEST_ENTRY);
    expect(await shelf.valueOf('big', ofLength(LONGEST_ENTRY))).toMatch(/^y+$/);
    expect(await shelf.valueOf('big', ofLength(LONGEST_ENTRY + 1))).toBeNull();
  });
});
