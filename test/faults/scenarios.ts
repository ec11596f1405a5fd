import type { CacheRuntime } from '../../src/cache/cache-runtime.js';
import type { CacheService } from '../../src/cache/cache.service.js';
import type { InvalidationService } from '../../src/cache/invalidation.service.js';
import { pause } from '../coherence/context.js';
import type { Tally } from './tally.js';

/** What scenarios are played with. */
export interface Scene {
  readonly cache: CacheService;
  readonly invalidation: InvalidationService;
  readonly runtime: CacheRuntime;
  readonly tally: Tally;
  /** Moves the worker's clock on, and with it every expiry. */
  readonly advance: (by: number) => void;
}

/** What became of a call. */
export interface Outcome {
  readonly value?: unknown;
  readonly isUndefined?: boolean;
  readonly error?: { readonly name: string; readonly code?: unknown; readonly message: string };
  readonly took: number;
}

async function outcomeOf(call: () => Promise<unknown>): Promise<Outcome> {
  const began = performance.now();
  try {
    const value = await call();
    return { value, isUndefined: value === undefined, took: performance.now() - began };
  } catch (error) {
    const { name, message, code } = error as Error & { code?: unknown };
    return { error: { name, message, code }, took: performance.now() - began };
  }
}

const MANY = 10_000;
const BATCH = 1_000;
const HOUR_MS = 3_600_000;

/** Short plays that steady traffic does not contain, by name; each answers with what it saw. */
export const SCENARIOS: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  loaderThrows: async ({ cache }) => {
    let loads = 0;
    const load = (): Promise<never> => {
      loads += 1;
      return Promise.reject(new RangeError('the source is down'));
    };
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => outcomeOf(() => cache.getOrLoad('throws', load))),
    );
    return { loads, outcomes, next: await outcomeOf(() => cache.getOrLoad('throws:not', () => 'value')) };
  },

  loaderHangs: async ({ cache }) => {
    const options = { hardTimeoutMs: 300 };
    const hanging = (): Promise<never> => new Promise<never>(() => undefined);
    const outcomes = await Promise.all([
      outcomeOf(() => cache.getOrLoad('hangs', hanging, options)),
      outcomeOf(() => cache.getOrLoad('hangs', hanging, options)),
    ]);
    return { outcomes, other: await outcomeOf(() => cache.getOrLoad('hangs:not', () => 'value')) };
  },

  loaderReturnsNothing: async ({ cache }) => {
    let loads = 0;
    const load = (): undefined => {
      loads += 1;
    };
    const outcomes = [];
    for (let i = 0; i < 2; i += 1) outcomes.push(await outcomeOf(() => cache.getOrLoad('nothing', load)));
    return { loads, outcomes };
  },

  /** Answered before the loader returns, which is after the shutdown that the suite asks for next. */
  loaderIsLate: ({ cache, tally }) => {
    const late = outcomeOf(() => cache.getOrLoad('late', () => pause(2_500).then(() => 'value')));
    void late.then(({ value }) => {
      if (value !== 'value') tally.mishap(`a load that outlived the cache came to ${String(value)}`);
      process.stdout.write(`late: ${String(value)}\n`);
    });
    return Promise.resolve(null);
  },

  /** Many entries expire at one instant, and everybody wants all of them at once. */
  manyExpire: async ({ cache, runtime, tally, advance }) => {
    const names = Array.from({ length: MANY }, (_, i) => `many:${i}`);
    const instant = runtime.clock.now() + HOUR_MS;
    let stored = 0;
    for (let from = 0; from < MANY; from += BATCH) {
      const batch = names.slice(from, from + BATCH).map((name) => [name, name] as const);
      stored += (await cache.setMany(batch, { ttl: (instant - runtime.clock.now()) / 1_000 })).filter(Boolean).length;
    }
    advance(HOUR_MS);
    const running = new Set<string>();
    let [loads, overlaps] = [0, 0];
    const load = async (name: string): Promise<string> => {
      loads += 1;
      if (running.has(name)) overlaps += 1;
      running.add(name);
      await pause(1);
      running.delete(name);
      return name;
    };
    const reads = [...names, ...names].map((name) =>
      tally.timed(() => outcomeOf(() => cache.getOrLoad(name, () => load(name)))),
    );
    const outcomes = await Promise.all(reads);
    const wrong = outcomes.filter(({ value }, i) => value !== names[i % MANY]).slice(0, 5);
    return { stored, loads, overlaps, wrong, longest: Math.max(...outcomes.map(({ took }) => took)) };
  },

  /** Begins a load that never ends; the process is killed while it holds the lease. */
  holdLease: ({ cache, tally }) => {
    void tally.timed(() => outcomeOf(() => cache.getOrLoad('held', () => pause(3_600_000))));
    return Promise.resolve(null);
  },

  /** Wants what the dead process was loading. */
  wantHeld: async ({ cache }) => {
    let loads = 0;
    const load = (): Promise<string> => {
      loads += 1;
      return pause(5).then(() => 'value');
    };
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => outcomeOf(() => cache.getOrLoad('held', load))),
    );
    return { loads, outcomes };
  },
};
