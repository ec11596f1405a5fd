import { CacheEvents, type AnyCacheEvent } from '../../src/cache/cache-events.js';
import { type CacheModuleOptions, resolveOptions } from '../../src/cache/cache-options.js';
import { type CacheRuntime, createRuntime } from '../../src/cache/cache-runtime.js';
import { CacheService } from '../../src/cache/cache.service.js';
import { EventBinder } from '../../src/cache/event-binder.js';
import { type Implementations, IMPLEMENTATIONS } from '../../src/cache/implementations.js';
import { Tally } from '../../src/cache/tally.js';
import { InvalidationService } from '../../src/cache/invalidation.service.js';

/** One instance of the cache as an application would have it, without the application. */
export interface TestCache {
  readonly cache: CacheService;
  readonly invalidation: InvalidationService;
  readonly runtime: CacheRuntime;
  /** Every event since it was made. */
  readonly events: AnyCacheEvent[];
  close(): Promise<void>;
}

/** Makes and starts an instance; with Redis it resolves once that is connected and followed. */
export async function startCache(
  options: CacheModuleOptions = {},
  parts: Partial<Implementations> = {},
): Promise<TestCache> {
  const instance = makeCache(options, parts);
  instance.runtime.start();
  if (options.redis)
    await until(
      () =>
        instance.runtime.connection?.isReady === true &&
        instance.runtime.view.lease.holds(instance.runtime.clock.now()),
    );
  return instance;
}

/** Makes an instance that is not started yet. */
export function makeCache(options: CacheModuleOptions = {}, parts: Partial<Implementations> = {}): TestCache {
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
export async function until(condition: () => boolean | Promise<boolean>, limit = 5_000): Promise<void> {
  const end = performance.now() + limit;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not true within ${limit} ms: ${condition.toString()}`);
    await sleep(5);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A promise to be settled by hand. */
export interface Gate<T> {
  readonly opened: Promise<T>;
  open(value: T): void;
  fail(error: Error): void;
}

export function gate<T = void>(): Gate<T> {
  let open!: (value: T) => void;
  let fail!: (error: Error) => void;
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}
