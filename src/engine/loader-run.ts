import type { Clock } from '../primitives/clock.js';
import { withDeadline } from '../primitives/deadline.js';
import type { LoadPolicy } from '../keys/load-policy.js';
import { CacheError } from '../primitives/errors.js';
import type { Milliseconds } from '../primitives/units.js';
import { type LoadBudgets, LoadRejectedError } from './load-budget.js';
import type { ReadPlan } from './lookup.js';
import type { CacheObserver } from './observer.js';
import type { Spans } from './spans.js';

/** Computes a value at the source. */
export type Loader = () => unknown;

/**
 * A load took longer than its reader could wait. It goes on, and what it returns is stored. `fields`: `label` (the key's
 * template, or `other`; logs and clients get to see it, so never an id), `limit`.
 */
export class LoadTimeoutError extends CacheError {
  /** What HTTP answers with. With `status` and `expose` Nest's own handler knows it for an error of HTTP, and hides the message. */
  readonly statusCode = 504;
  readonly status = 504;
  readonly expose = false;

  /** @internal */
  constructor(label: string, limit: Milliseconds) {
    super(
      'LOAD_TIMEOUT',
      'loader',
      `a load labelled ${label} has not ended within ${limit} ms (hardTimeoutMs); it goes on, and its value will be cached`,
      { label, limit },
    );
  }
}

/** What loaders are run with. */
export interface LoaderRunParts {
  readonly clock: Clock;
  readonly observer: CacheObserver;
  readonly budgets: LoadBudgets;
  readonly spans: Spans;
}

/** What a loader returned, and when it was called. */
export interface LoaderResult {
  readonly raw: unknown;
  readonly loadedAt: Milliseconds;
}

const SHORTEST_PATIENCE: Milliseconds = 120_000;

/**
 * Runs a loader in its source's budget. One that does not end while its readers could wait twice over hangs, most likely:
 * then its lease, its place in the budget and its flight are given back, and what it returns is lost.
 */
export async function runLoader(
  { clock, observer, budgets, spans }: LoaderRunParts,
  { key, policy, isBatched = false }: ReadPlan,
  loader: Loader,
  isRefresh: boolean,
): Promise<LoaderResult> {
  const { label } = key.family;
  const limit = Math.max(SHORTEST_PATIENCE, 2 * policy.hardTimeout);
  let loadedAt: Milliseconds | undefined;
  let rejected = false;
  const load = async (): Promise<LoaderResult> => {
    loadedAt = clock.now();
    const attributes = { 'cache.key': key.name, 'cache.key_pattern': label };
    const loading = spans.within('cache.load', attributes, () => called(loader));
    const raw = await withDeadline(clock, limit, loading, () => new LoadTimeoutError(label, limit));
    return { raw, loadedAt };
  };
  let failed = false;
  try {
    return await (isBatched ? load() : budgets.run(policy.source, !isRefresh, load));
  } catch (error) {
    rejected = error instanceof LoadRejectedError;
    failed = mayHide(policy, error);
    throw error;
  } finally {
    if (rejected) observer.on({ type: 'load.rejected', label, source: policy.source ?? '' });
    else if (loadedAt !== undefined)
      observer.on({ type: 'load.ended', label, took: clock.now() - loadedAt, failed, background: isRefresh });
  }
}

/** Whether a failure may be hidden behind a stale value; one that may not is an answer: there is no such value. */
export function mayHide({ serveStaleOn }: LoadPolicy, error: unknown): boolean {
  try {
    return serveStaleOn(error);
  } catch {
    return false;
  }
}

/** A loader that throws instead of rejecting is no different. Called at once, not in a later turn. */
function called(loader: Loader): Promise<unknown> {
  return new Promise((resolve) => {
    resolve(loader());
  });
}
