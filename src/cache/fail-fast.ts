import { CacheError } from '../primitives/errors.js';
import { maskUrl } from '../primitives/mask-url.js';
import type { CacheEvents } from './cache-events.js';
import type { ResolvedRedisOptions } from './cache-options.js';
import type { CacheRuntime } from './cache-runtime.js';

/** Redis could not be reached at start, and `failFast` was asked for. */
export class RedisUnavailableError extends CacheError {
  /** @internal */
  constructor({ url, retry }: ResolvedRedisOptions, failure: string) {
    const tries = `${retry.attempts + 1} attempts`;
    super(
      'REDIS_UNAVAILABLE',
      'infrastructure',
      `Redis at ${maskUrl(url)} cannot be used (${failure}) after ${tries}, and CACHE_FAIL_FAST is set`,
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
