import type { CacheModuleOptions } from '../../cache/cache-options.js';
import type { RedisOptions } from '../../cache/redis-options.js';
import { Keyspace } from '../../stores/redis/keyspace.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import { SystemRandom } from '../../primitives/random.js';
import { type CacheInstance, makeCache, startCache } from '../cache-instance.js';

/** A promise of the cache, as a test that fails where it is not kept. */
export type Promised = (bench: ContractBench) => Promise<void>;

/** How long another instance may serve from memory what was invalidated. */
export const WINDOW_MS = 1_000;

/** The promises are about what is answered, not how soon: a machine that is busy for a moment breaks none. */
const PATIENCE_MS = 2_000;

/** Nobody listens there. */
const NOWHERE = 'redis://127.0.0.1:1';

/** What one test of the contract works with: instances on one Redis, under names that nobody else has. */
export class ContractBench {
  readonly #options: CacheModuleOptions & { readonly redis: RedisOptions; readonly prefix: string };
  readonly #connected: CacheInstance[] = [];
  readonly #away: CacheInstance[] = [];

  /** @throws InvalidOptionError without `redis` */
  constructor(options: CacheModuleOptions) {
    const { redis, prefix = 'shadower' } = options;
    if (redis === undefined)
      throw new InvalidOptionError('redis', 'where the Redis is that the contract is tried on', redis);
    this.#options = {
      ...options,
      prefix: `${prefix}:contract-${new SystemRandom().token().slice(0, 8)}`,
      ...{ ttlJitter: 0, blastLimit: 1, coherenceWindowMs: WINDOW_MS },
      redis: { ...redis, failFast: false, commandTimeoutMs: PATIENCE_MS },
    };
  }

  /** One more instance, connected. */
  async start(): Promise<CacheInstance> {
    const instance = await startCache(this.#options);
    this.#connected.push(instance);
    return instance;
  }

  /** Two of them. */
  two(): Promise<[CacheInstance, CacheInstance]> {
    return Promise.all([this.start(), this.start()]);
  }

  /** An instance whose Redis is not there. */
  startAway(): CacheInstance {
    const instance = makeCache({ ...this.#options, redis: { url: NOWHERE } });
    instance.runtime.start();
    this.#away.push(instance);
    return instance;
  }

  /** Deletes what the test has left in Redis, and closes every instance. */
  async close(): Promise<void> {
    const [one] = this.#connected;
    try {
      if (one) await clean(one, new Keyspace(this.#options.prefix));
    } finally {
      await Promise.all([...this.#connected, ...this.#away].map((instance) => instance.close()));
    }
  }
}

/** Leases and generations end by themselves; entries would too, but only in hours. */
async function clean({ runtime }: CacheInstance, { announcements }: Keyspace): Promise<void> {
  const { store, ledger, connection } = runtime;
  for await (const keys of store.scan('entry', '*')) await store.drop('entry', keys);
  await ledger.discard();
  await connection?.run('discard', announcements, (redis) => redis.unlink(announcements));
}
