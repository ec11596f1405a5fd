import { type AnyCacheEvent, CacheEvents } from '../cache/cache-events.js';
import { type CacheModuleOptions, resolveOptions } from '../cache/cache-options.js';
import { type CacheRuntime, createRuntime } from '../cache/cache-runtime.js';
import { CacheService } from '../cache/cache.service.js';
import { EventBinder } from '../cache/event-binder.js';
import { type Implementations, IMPLEMENTATIONS } from '../cache/implementations.js';
import { InvalidationService } from '../cache/invalidation.service.js';
import { Tally } from '../cache/tally.js';
import { SystemClock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';

/** One instance of the cache as an application would have it, without the application. */
export interface CacheInstance {
  readonly cache: CacheService;
  readonly invalidation: InvalidationService;
  readonly runtime: CacheRuntime;
  /** Every event since it was made. */
  readonly events: AnyCacheEvent[];
  close(): Promise<void>;
}

const CONNECTING_LIMIT: Milliseconds = 5_000;

/** Makes and starts an instance; with Redis it resolves once that is connected and followed. */
export async function startCache(
  options: CacheModuleOptions = {},
  parts: Partial<Implementations> = {},
): Promise<CacheInstance> {
  const instance = makeCache(options, parts);
  instance.runtime.start();
  if (options.redis) await connected(instance);
  return instance;
}

/** Makes an instance that is not started yet. */
export function makeCache(options: CacheModuleOptions = {}, parts: Partial<Implementations> = {}): CacheInstance {
  const hub = new CacheEvents();
  const events: AnyCacheEvent[] = [];
  hub.subscribe((event) => events.push(event));
  const resolved = resolveOptions(options);
  const runtime = createRuntime(resolved, hub, { ...IMPLEMENTATIONS, ...parts });
  const tally = new Tally(resolved.templates.map(({ template }) => template));
  hub.subscribe(tally.listen);
  const cache = new CacheService(runtime, resolved, hub, tally);
  const invalidation = new InvalidationService(runtime, resolved, new EventBinder(runtime, resolved));
  return { cache, invalidation, runtime, events, close: () => runtime.stop() };
}

/** Resolves when `condition` holds; fails after `limit` milliseconds. */
export async function until(condition: () => boolean | Promise<boolean>, limit: Milliseconds = 5_000): Promise<void> {
  const clock = new SystemClock();
  const end = clock.now() + limit;
  while (!(await condition())) {
    if (clock.now() > end) throw new Error(`not true within ${limit} ms: ${condition.toString()}`);
    await clock.sleep(5);
  }
}

async function connected(instance: CacheInstance): Promise<void> {
  const { runtime, events } = instance;
  const isFollowing = (): boolean =>
    runtime.connection?.isReady === true && runtime.view.lease.holds(runtime.clock.now());
  try {
    await until(isFollowing, CONNECTING_LIMIT);
  } catch {
    await instance.close();
    const failures = new Set(events.flatMap((event) => ('failure' in event ? [event.failure ?? 'unknown'] : [])));
    const why = failures.size === 0 ? 'no answer' : [...failures].join(', ');
    throw new Error(`Redis could not be used within ${CONNECTING_LIMIT} ms (${why}); see its options and its log`);
  }
}
