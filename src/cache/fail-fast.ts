import { CacheError } from '../primitives/errors.js';
import { placeOf } from '../stores/redis-target.js';
import type { CacheEvents } from './cache-events.js';
import type { CacheRuntime } from './cache-runtime.js';
import type { ResolvedRedisOptions } from './redis-options.js';

/** Redis could not be reached at start, and `failFast` was asked for. */
export class RedisUnavailableError extends CacheError {
  /** @internal */
  constructor({ target, retry }: ResolvedRedisOptions, failure: string) {
    const tries = `${retry.attempts + 1} attempts`;
    super(
      'REDIS_UNAVAILABLE',
      'infrastructure',
      `Redis at ${placeOf(target())} cannot be used (${failure}) after ${tries}, and CACHE_FAIL_FAST is set`,
    );
  }
}

/** Resolves once connected. @throws RedisUnavailableError after the last retry of the schedule */
export async function awaitConnection(
  runtime: CacheRuntime,
  options: ResolvedRedisOptions,
  events: CacheEvents,
): Promise<void> {
  if (runtime.connection?.isReady) return;
  let unsubscribe: (() => void) | undefined;
  const connected = new Promise<void>((resolve, reject) => {
    unsubscribe = events.subscribe((event) => {
      if (event.type === 'connection.ready') resolve();
      // The attempt that would follow is one more than the schedule has.
      if (event.type === 'connection.retrying' && event.attempt > options.retry.attempts)
        reject(new RedisUnavailableError(options, event.failure));
    });
  });
  try {
    await connected;
  } catch (error) {
    await runtime.stop();
    throw error;
  } finally {
    unsubscribe?.();
  }
}
