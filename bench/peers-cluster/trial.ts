import type { Milliseconds } from '../../src/primitives/units.js';
import { ask } from '../../test/support/ask.js';
import type { RedisCluster } from '../../test/support/redis-cluster.js';
import { within } from '../peers-coherence/waiting.js';
import type { Subject } from './subject.js';

/** What came of one call that clears. */
export interface Outcome {
  /** Keys on all primaries before the call and after it. */
  readonly before: number;
  readonly after: number;
  readonly took: Milliseconds;
  readonly errors: readonly string[];
}

const BATCH = 500;
const FILL_LIMIT: Milliseconds = 600_000;
const CLEAR_LIMIT: Milliseconds = 120_000;
/** What goes on after the call has returned is given so long. */
const SETTLE: Milliseconds = 1_000;

/** Empties the Cluster, fills it through the cache, and has the cache clear it. */
export async function clearThrough(cluster: RedisCluster, subject: Subject, keys: number): Promise<Outcome> {
  await onPrimaries(cluster, 'FLUSHALL');
  const errors = new Set<string>();
  const failed = (error: unknown): void => void errors.add(error instanceof Error ? error.message : String(error));
  const cache = await subject.start({ nodes: cluster.urls, failed });
  try {
    await within(FILL_LIMIT, fill(cache, keys), 'it could not be filled');
    const before = await count(cluster);
    const start = performance.now();
    await within(CLEAR_LIMIT, cache.clear(), 'no end').catch(failed);
    const took = performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, SETTLE));
    return { before, after: await count(cluster), took, errors: [...errors] };
  } finally {
    await within(SETTLE, cache.close(), 'it does not close').catch(() => undefined);
  }
}

async function fill(cache: Awaited<ReturnType<Subject['start']>>, keys: number): Promise<void> {
  for (let from = 0; from < keys; from += BATCH)
    await cache.fill(Array.from({ length: Math.min(BATCH, keys - from) }, (_, i) => from + i));
}

async function count(cluster: RedisCluster): Promise<number> {
  const sizes = await onPrimaries(cluster, 'DBSIZE');
  return sizes.reduce<number>((sum, size) => sum + Number(size), 0);
}

async function onPrimaries(cluster: RedisCluster, command: string): Promise<unknown[]> {
  const primaries = await cluster.primaries();
  return Promise.all(primaries.map(({ server }) => ask(server, command)));
}
