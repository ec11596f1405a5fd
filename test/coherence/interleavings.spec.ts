import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Implementations } from '../../src/cache/implementations.js';
import { RedisLedger } from '../../src/stores/redis/redis-ledger.js';
import { gate, startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { RecordsBelieved } from './mutants.js';

/* Interleavings that chance meets too seldom, each played step by step on a real Redis. */

const KEY = 'user:x:report';
const GENERATION = 'shadower:g:{user:x}';

let redis: RedisServer;
let open: TestCache[];

async function instance(parts: Partial<Implementations> = {}): Promise<TestCache> {
  const started = await startCache({ redis: { url: redis.url, commandTimeoutMs: 2_000 } }, parts);
  open.push(started);
  return started;
}

beforeEach(async () => {
  redis = await RedisServer.start();
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((cache) => cache.close()));
  await redis.stop();
});

describe('two processes change one tag, and their records reach the ledger in the other order', () => {
  async function readAfterwards(parts: Partial<Implementations>): Promise<unknown> {
    const held = gate();
    // Before the first of the two: whoever finds no ledger writes to it, and that one's writing is held up.
    const [b, c] = [await instance(parts), await instance()];
    const a = await instance({
      ledger: (...given) =>
        new (class extends RedisLedger {
          override async append(text: string): Promise<string> {
            await held.opened;
            return super.append(text);
          }
        })(...given),
    });
    const generation = (): Promise<string | null> | undefined => c.runtime.connection?.client.get(GENERATION);
    const before = await generation();

    const first = a.invalidation.user('x');
    await until(async () => (await generation()) !== before);
    const loader = gate<string>();
    const load = c.cache.getOrLoad(KEY, () => loader.opened);
    await until(async () => (await c.cache.explain(KEY)).lease !== null);
    await b.invalidation.user('x');
    held.open();
    await first;
    loader.open('loaded before the second change');
    await load;
    // The second record is in the ledger now; a blocked reader gets it at once, this is a hundred times as long.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return b.cache.getOrLoad(KEY, () => 'fresh');
  }

  it('serves nothing that was loaded before the second change', async () => {
    expect(await readAfterwards({})).toBe('fresh');
  });

  it('would serve it if a record were believed', async () => {
    const parts: Partial<Implementations> = { view: (given) => new RecordsBelieved(given) };
    expect(await readAfterwards(parts)).toBe('loaded before the second change');
  });
});

describe('a strict read meets a load that carries a tag which the read does not name', () => {
  it('does not share it once that tag was invalidated', async () => {
    const [a, b] = [await instance(), await instance()];
    const loader = gate<string>();
    const load = a.cache.getOrLoad('plain', () => loader.opened, { tags: ['x'] });
    await until(async () => (await a.cache.explain('plain')).lease !== null);
    await b.invalidation.tags(['x']);
    const strict = a.cache.getOrLoad('plain', () => 'fresh', { consistency: 'strict' });
    loader.open('loaded before the change');
    expect([await load, await strict]).toEqual(['loaded before the change', 'fresh']);
  });
});
