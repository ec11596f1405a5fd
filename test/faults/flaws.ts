import type { Implementations } from '../../src/cache/implementations.js';
import { RedisStore } from '../../src/stores/redis/redis-store.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';

/** What a cache may not be like. The suite shows with each that its assertions can fail. */
export type Flaw = 'stale' | 'slow' | 'hangs' | 'rejects' | 'leaks' | 'stays';

function store(spoil: (store: FaultyStore) => void): Partial<Implementations> {
  return {
    store: (...parts) => {
      const spoilt = new FaultyStore(new RedisStore(...parts));
      spoil(spoilt);
      return spoilt;
    },
  };
}

const LEAKED: unknown[] = [];
let hanging: FaultyStore | undefined;

/** The composition with one defect. */
export function partsWith(flaw: Flaw | undefined): Partial<Implementations> {
  if (flaw === 'stale')
    return store((spoilt) => {
      for (const method of ['change', 'remove', 'drop'] as const) spoilt.loseNext(method, Infinity);
    });
  if (flaw === 'slow') return store((spoilt) => spoilt.delayNext('fetch', 1_500, Infinity));
  if (flaw === 'hangs') return store((spoilt) => (hanging = spoilt));
  return {};
}

/** The defects that show once there is traffic. */
export function misbehave(flaw: Flaw | undefined): void {
  hanging?.hangNext('fetch', 3);
  if (flaw === 'rejects') void Promise.reject(new Error('nobody listens'));
  if (flaw === 'stays') setInterval(() => undefined, 1_000);
  if (flaw === 'leaks') setInterval(() => LEAKED.push(new Array(200_000).fill(LEAKED.length)), 50).unref();
}
