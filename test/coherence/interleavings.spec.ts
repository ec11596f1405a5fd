import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Implementations } from '../../src/cache/implementations.js';
import { RedisLedger } from '../../src/stores/redis/redis-ledger.js';
import type { Lookup } from '../../src/cache/call-options.js';
import { RemoteStoreError } from '../../src/stores/contracts.js';
import { type Gate, gate, startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { RedisStore } from '../../src/stores/redis/redis-store.js';
import { implementationsOf, RecordsBelieved } from './mutants.js';

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

/** A ledger to which nothing is appended before. */
function appendingAfter(opened: Promise<void>): Implementations['ledger'] {
  return (...given) =>
    new (class extends RedisLedger {
      override async append(text: string): Promise<string> {
        await opened;
        return super.append(text);
      }
    })(...given);
}

/** An instance that hears nothing more of the ledger once it is told so, and trusts its memory for a minute. */
async function hardOfHearing(): Promise<TestCache & { readonly stopListening: () => void }> {
  const closing = gate();
  let isListening = true;
  const heard = async <T>(told: T): Promise<T> => {
    if (!isListening) await closing.opened;
    return told;
  };
  const ledger: Implementations['ledger'] = (...given) =>
    new (class extends RedisLedger {
      override async end(): ReturnType<RedisLedger['end']> {
        return heard(await super.end());
      }
      override async read(...asked: Parameters<RedisLedger['read']>): ReturnType<RedisLedger['read']> {
        return heard(await super.read(...asked));
      }
    })(...given);
  const started = await startCache({ redis: { url: redis.url }, coherenceWindowMs: 60_000 }, { ledger });
  const close = (): Promise<void> => {
    closing.open();
    return started.close();
  };
  open.push({ ...started, close });
  const stopListening = (): void => {
    isListening = false;
  };
  return { ...started, stopListening };
}

/** A store that tells that it has looked at what was announced, and answers only when `held` is opened. */
function heldAfterLook(): Pick<Implementations, 'store'> & Readonly<Record<'looked' | 'held', Gate<void>>> {
  const [looked, held] = [gate(), gate()];
  const store: Implementations['store'] = (...given) =>
    new (class extends RedisStore {
      override async mintLate(...asked: Parameters<RedisStore['mintLate']>): ReturnType<RedisStore['mintLate']> {
        const tokens = await super.mintLate(...asked);
        looked.open();
        await held.opened;
        return tokens;
      }
    })(...given);
  return { store, looked, held };
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
    const a = await instance({ ledger: appendingAfter(held.opened) });
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

describe('a tag becomes known while its value is loaded', () => {
  const ANNOUNCEMENTS = 'shadower:announced:{shadower:ledger}';
  const LATE = { lateTags: true } as const;

  /** A load of `k` that reads its source at once and is told of the tag `x` when the gate is opened. */
  function loading({ cache }: TestCache): { readonly load: Promise<Lookup<string>>; readonly tell: () => void } {
    const told = gate();
    const load = cache.lookup(
      'k',
      async () => {
        await told.opened;
        cache.dependsOn('x');
        return 'old';
      },
      LATE,
    );
    return {
      load,
      tell: () => {
        told.open();
      },
    };
  }

  const hasBegun = ({ cache }: TestCache): Promise<void> =>
    until(async () => (await cache.explain('k')).lease !== null);
  const readStrictly = ({ cache }: TestCache): Promise<string> =>
    cache.getOrLoad('k', () => 'new', { ...LATE, consistency: 'strict' });

  it('is stored when it was invalidated before, even if the ledger tells later', async () => {
    const held = gate();
    const [a, other] = [await instance(), await instance()];
    await other.invalidation.tags(['y']);
    const b = await instance({ ledger: appendingAfter(held.opened) });
    const client = a.runtime.connection?.client;
    const invalidation = b.invalidation.tags(['x']);
    await until(async () => (await client?.get('shadower:g:{x}')) !== null);
    const { load, tell } = loading(a);
    tell();
    expect(await load).toMatchObject({ value: 'old', stored: true });
    held.open();
    await invalidation;
    expect(await readStrictly(a)).toBe('old');
  });

  async function invalidatedBetween(parts: Partial<Implementations>): Promise<[boolean, string]> {
    const [a, b] = [await instance(parts), await instance()];
    const { load, tell } = loading(a);
    await hasBegun(a);
    await b.invalidation.tags(['x']);
    tell();
    return [(await load).stored, await readStrictly(a)];
  }

  it('is not stored when it was invalidated between', async () => {
    expect(await invalidatedBetween({})).toEqual([false, 'new']);
  });

  it('would be stored, and served, if nobody looked at what was announced', async () => {
    expect(await invalidatedBetween(implementationsOf('late-tags-unseen'))).toEqual([true, 'old']);
  });

  it('is not stored when it is announced between and changed only after its generation was read', async () => {
    const [announced, held] = [gate(), gate()];
    const a = await instance();
    const b = await instance({
      store: (...given) =>
        new (class extends RedisStore {
          override async change(generations: Parameters<RedisStore['change']>[0]): Promise<void> {
            const [{ invalidations }] = given;
            const text = ['a token', ...generations.map(({ tag }) => tag)].join(' ');
            await invalidations.run('announce', ANNOUNCEMENTS, (redis) => redis.xadd(ANNOUNCEMENTS, '*', 't', text));
            announced.open();
            await held.opened;
            return super.change(generations);
          }
        })(...given),
    });
    const { load, tell } = loading(a);
    await hasBegun(a);
    const invalidation = b.invalidation.tags(['x']);
    await announced.opened;
    tell();
    expect(await load).toMatchObject({ stored: false });
    held.open();
    await invalidation;
    expect(await readStrictly(a)).toBe('new');
  });

  it('is stored and unusable when it is invalidated after that was looked at', async () => {
    const b = await instance();
    const { store, looked, held } = heldAfterLook();
    const a = await instance({ store });
    const { load, tell } = loading(a);
    tell();
    await looked.opened;
    await b.invalidation.tags(['x']);
    held.open();
    expect(await load).toMatchObject({ stored: true });
    expect(await readStrictly(a)).toBe('new');
  });

  it('is not stored, and told to no later reader, when this process invalidates it after that was looked at', async () => {
    const { store, looked, held } = heldAfterLook();
    const a = await instance({ store });
    const { load, tell } = loading(a);
    tell();
    await looked.opened;
    await a.invalidation.tags(['x']);
    const [byDefault, strict] = [a.cache.getOrLoad('k', () => 'new', LATE), readStrictly(a)];
    held.open();
    expect([(await load).value, await byDefault, await strict]).toEqual(['old', 'new', 'new']);
  });

  it.each([
    ['are gone', ['UNLINK', ANNOUNCEMENTS]],
    ['were trimmed', ['XTRIM', ANNOUNCEMENTS, 'MAXLEN', '0']],
    ['were begun anew', ['UNLINK', ANNOUNCEMENTS], ['XADD', ANNOUNCEMENTS, '*', 't', 'a-token']],
  ] as const)('is not stored when the announcements %s', async (_what, ...commands) => {
    const a = await instance();
    const { load, tell } = loading(a);
    await hasBegun(a);
    for (const [command = '', ...rest] of commands) await a.runtime.connection?.client.call(command, ...rest);
    tell();
    expect(await load).toMatchObject({ stored: false });
    expect(await readStrictly(a)).toBe('new');
  });

  it('is not stored when memory was full at its invalidation', async () => {
    const [a, b] = [await instance(), await instance()];
    const { load, tell } = loading(a);
    await hasBegun(a);
    const client = a.runtime.connection?.client;
    await client?.config('SET', 'maxmemory', '1');
    const { acknowledged } = await b.invalidation.tags(['x']);
    await client?.config('SET', 'maxmemory', '0');
    tell();
    expect([acknowledged, (await load).stored]).toEqual([true, false]);
    expect(await readStrictly(a)).toBe('new');
  });

  it('dies with the generation that it was stored under when only its announcement was refused for lack of memory', async () => {
    const [a, looked] = [await instance(), gate()];
    const { load, tell } = loading(a);
    await hasBegun(a);
    // The server refuses the announcement and, a moment later, accepts the change.
    const b = await instance({
      store: (...given) =>
        new (class extends RedisStore {
          override async change(generations: Parameters<RedisStore['change']>[0]): Promise<void> {
            const [{ invalidations }, { keyspace }] = given;
            const real = invalidations.run.bind(invalidations);
            invalidations.run = async (operation, name, command) => {
              if (operation === 'announce') {
                await until(async () => (await a.runtime.connection?.client.get(keyspace.generation('x'))) !== null);
                tell();
                await load;
                looked.open();
                throw new RemoteStoreError('out-of-memory', operation, 'said by a test');
              }
              return real(operation, name, command);
            };
            return super.change(generations);
          }
        })(...given),
    });
    await b.invalidation.tags(['x']);
    await looked.opened;
    expect(await load).toMatchObject({ stored: true });
    expect(await readStrictly(a)).toBe('new');
  });
});

describe('a strict read meets a load of a later default read, whose loader reads memory', () => {
  it('does not share what rests on a value that was invalidated before it began', async () => {
    const [a, b] = [await hardOfHearing(), await instance()];
    await a.cache.getOrLoad(KEY, () => 'old');
    a.stopListening();
    await b.invalidation.user('x');
    const loader = gate();
    const strict = a.cache.getOrLoad('outer', () => 'new', { consistency: 'strict' });
    const byDefault = a.cache.getOrLoad('outer', async () => {
      const value = await a.cache.get<string>(KEY);
      await loader.opened;
      return value;
    });
    // The look of the strict read is answered before this.
    await until(async () => (await a.cache.explain('outer')).lease !== null);
    loader.open();
    expect([await byDefault, await strict]).toEqual(['old', 'new']);
  });
});

describe('a strict read meets loads of default reads that rest on late tags, one after the other, while Redis is away', () => {
  it('has its own turn soon', async () => {
    const a = await instance();
    await redis.kill();
    const crowd = { isOver: false };
    const load = async (): Promise<string> => {
      a.cache.dependsOn('x');
      await new Promise((resolve) => setTimeout(resolve, 10));
      return 'by default';
    };
    const readOn = async (): Promise<void> => {
      while (!crowd.isOver) await a.cache.getOrLoad('outer', load);
    };
    const readers = Promise.all(Array.from({ length: 8 }, readOn));
    const took: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const begun = performance.now();
      expect(await a.cache.getOrLoad('outer', () => 'strictly', { consistency: 'strict' })).toBe('strictly');
      took.push(performance.now() - begun);
    }
    expect(Math.max(...took.slice(1))).toBeLessThan(1_000);
    crowd.isOver = true;
    await readers;
  });
});

describe('a loader reads a value in memory whose tag another process has changed', () => {
  it('is not stored under the new generation', async () => {
    const held = gate();
    const a = await instance();
    const b = await instance({ ledger: appendingAfter(held.opened) });
    await a.cache.getOrLoad(KEY, () => 'old');
    const generation = (): Promise<string | null> | undefined => a.runtime.connection?.client.get(GENERATION);
    const before = await generation();
    const invalidation = b.invalidation.user('x');
    await until(async () => (await generation()) !== before);
    const outer = await a.cache.lookup('outer', () => a.cache.get<string>(KEY));
    expect(outer).toMatchObject({ value: 'old', stored: false });
    held.open();
    await invalidation;
    expect(await a.cache.getOrLoad('outer', () => 'new', { consistency: 'strict' })).toBe('new');
  });
});
