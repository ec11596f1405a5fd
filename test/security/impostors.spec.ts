import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { CacheError } from '../../src/primitives/errors.js';
import { startCache, type TestCache } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { type Door, DOORS, FALSE_LISTS, FORGED_KEYS, IMPOSTORS } from './impostors.js';
import { Score } from './score.js';

let redis: RedisServer;
let instance: TestCache;
let admin: Redis;

beforeAll(async () => {
  redis = await RedisServer.start();
  instance = await startCache({ redis: { url: redis.url, commandTimeoutMs: 5_000 } });
  admin = new Redis(redis.url, { disableClientInfo: true });
});

afterAll(async () => {
  await instance.close();
  admin.disconnect();
  await redis.stop();
});

/** Commands that touch entries, leases or generations, or walk over them; the ledger is followed all the time. */
const COMMANDS = /^cmdstat_(mget|get|set|unlink|del|scan|eval|evalsha|getrange|strlen|xadd|xrevrange):/;

async function commandsSent(): Promise<string[]> {
  const { connection } = instance.runtime;
  // What was sent before is answered before.
  await connection?.client.ping();
  const lines = (await admin.info('commandstats')).split('\r\n');
  return lines.filter((line) => COMMANDS.test(line));
}

/** What became of a knock: the error's code, or `accepted`. */
async function answerOf({ knock }: Door, given: unknown): Promise<string> {
  try {
    await knock(given as never, instance);
    return 'accepted';
  } catch (error) {
    if (CacheError.is(error)) return error.family === 'usage' ? 'refused' : `failed with ${error.code}`;
    return error instanceof TypeError ? 'refused with a TypeError' : `threw ${String(error)}`;
  }
}

async function attack(score: Score, doors: readonly Door[], given: Readonly<Record<string, unknown>>): Promise<void> {
  await admin.config('RESETSTAT');
  for (const door of doors) {
    for (const [name, impostor] of Object.entries(given)) {
      if (door.isOptional && impostor === undefined) continue;
      const answer = await answerOf(door, impostor);
      score.count(answer);
      if (!answer.startsWith('refused')) score.violation(`${door.name}: ${name} was ${answer}`);
    }
  }
  for (const line of await commandsSent()) score.violation(`Redis was sent ${line}`);
}

describe('what is not a string', () => {
  it('is refused at every door, and nothing is sent', async ({ task }) => {
    const score = new Score('impostors at the doors of the API');
    const doors = DOORS.filter(({ takes }) => takes !== 'list');
    await attack(score, doors, IMPOSTORS);
    task.meta.figures = [score.figures];

    expect(score.violations).toEqual([]);
    expect(score.of('refused')).toBeGreaterThan(doors.length * 20);
    expect(score.of('refused with a TypeError')).toBe(0);
  });

  it('is refused where a list is wanted', async ({ task }) => {
    const score = new Score('false lists at the doors of the API');
    const doors = DOORS.filter(({ takes }) => takes === 'list');
    await attack(score, doors, FALSE_LISTS);
    task.meta.figures = [score.figures];

    expect(score.violations).toEqual([]);
    expect(score.of('refused with a TypeError')).toBe(0);
  });

  it('is refused although it is an instance of CacheKey', async ({ task }) => {
    const score = new Score('forged keys at the doors of the API');
    const doors = DOORS.filter(({ takes }) => takes === 'key').map((door): Door => ({
      ...door,
      knock: (make: () => never, by) => door.knock(make(), by),
    }));
    await attack(score, doors, FORGED_KEYS);
    task.meta.figures = [score.figures];

    expect(score.violations).toEqual([]);
    const tried = doors.length * Object.keys(FORGED_KEYS).length;
    expect(score.of('refused') + score.of('refused with a TypeError')).toBe(tried);
  });
});

describe('the attack finds', () => {
  it('a door that takes whatever has a text', async () => {
    const score = new Score('a careless door');
    const careless: Door = {
      ...{ name: 'careless', takes: 'key' },
      knock: (key, { cache }) => cache.get(String(key)),
    };
    await attack(score, [careless], IMPOSTORS);

    expect(score.violations).toContain('careless: an object with toString was accepted');
    expect(score.violations.join('\n')).toMatch(/Redis was sent cmdstat_mget|and \d+ more/);
  });
});
