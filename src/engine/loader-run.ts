import type { Clock } from '../primitives/clock.js';
import { withDeadline } from '../primitives/deadline.js';
import type { LoadPolicy } from '../keys/load-policy.js';
import { CacheError } from '../primitives/errors.js';
import type { Milliseconds } from '../primitives/units.js';
import { type LoadBudgets, LoadRejectedError } from './load-budget.js';
import { type PreviousEntry, RunningLoad } from './load-context.js';
import type { LoadScopes } from './load-scopes.js';
import type { ReadPlan } from './lookup.js';
import type { CacheObserver } from './observer.js';
import type { Spans } from './spans.js';

/** Computes a value at the source; may ask and tell of the load by what it is given. */
export type Loader = (load: RunningLoad) => unknown;

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
  readonly scopes: LoadScopes;
}

/** A loader to be run. */
export interface LoaderCall {
  readonly plan: ReadPlan;
  readonly loader: Loader;
  readonly refresh: boolean;
  /** What it replaces. */
  readonly previous?: PreviousEntry | undefined;
}

/** What a loader returned or kept, when it was called, and what it said. */
export interface LoaderResult {
  readonly raw: unknown;
  readonly loadedAt: Milliseconds;
  readonly load: RunningLoad;
}

const SHORTEST_PATIENCE: Milliseconds = 120_000;

/**
 * Runs a loader in its source's budget. One that does not end while its readers could wait twice over hangs, most likely:
 * then its lease, its place in the budget and its flight are given back, and what it returns is lost.
 */
export async function runLoader(parts: LoaderRunParts, call: LoaderCall): Promise<LoaderResult> {
  const { clock, observer, budgets } = parts;
  const { policy, key, isBatched = false } = call.plan;
  const { label } = key.family;
  const isRefresh = call.refresh;
  let loadedAt: Milliseconds | undefined;
  let rejected = false;
  const load = (): Promise<LoaderResult> => {
    loadedAt = clock.now();
    return ran(parts, call, loadedAt);
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

async function ran(
  { clock, spans, scopes }: LoaderRunParts,
  { plan: { key, policy }, loader, previous }: LoaderCall,
  loadedAt: Milliseconds,
): Promise<LoaderResult> {
  const { label } = key.family;
  const tooLong = (limit: Milliseconds) => (): Error => new LoadTimeoutError(label, limit);
  const { hardTimeout } = policy;
  const load = new RunningLoad({ clock, previous, limit: hardTimeout, onLimit: tooLong(hardTimeout) });
  const attributes = { 'cache.key': key.name, 'cache.key_pattern': label };
  const patience = Math.max(SHORTEST_PATIENCE, 2 * hardTimeout);
  try {
    const loading = spans.within('cache.load', attributes, () => called(() => scopes.run([load], () => loader(load))));
    const raw = await withDeadline(clock, patience, loading, tooLong(patience));
    return { raw, loadedAt, load };
  } finally {
    load.end();
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
function called(loader: () => unknown): Promise<unknown> {
  return new Promise((resolve) => {
    resolve(loader());
  });
}
