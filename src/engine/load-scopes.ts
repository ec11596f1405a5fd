import { AsyncLocalStorage } from 'node:async_hooks';
import type { Stamp } from '../codec/envelope.js';
import { LoadEndedError, type RunningLoad } from './load-context.js';

/** The loads that the code which asks runs for: one; or those that one call of a loader is for. */
export type Scope = readonly RunningLoad[];

/**
 * One for the process, by cache: Node 20 and 22 visit every AsyncLocalStorage that was ever used at every promise, so one
 * of each cache would slow all that follow it, and go on doing so after it was closed.
 */
const SCOPES = new AsyncLocalStorage<ReadonlyMap<LoadScopes, Scope>>();

/**
 * Which loads of one cache are made where code runs, so that what a loader reads and says reaches them. A load within a
 * load is a scope of its own: what it rests on reaches the outer one with its result, as a hit's does.
 */
export class LoadScopes {
  /** The scope of whoever calls; `undefined` outside of loaders. */
  get current(): Scope | undefined {
    return SCOPES.getStore()?.get(this);
  }

  run<T>(scope: Scope, work: () => T): T {
    return SCOPES.run(new Map(SCOPES.getStore()).set(this, scope), work);
  }

  /** Tags that whoever calls says its loads rest on; outside of loaders they concern nobody. @throws LoadEndedError */
  addTags(tags: readonly string[]): void {
    const scope = this.current;
    if (!scope) return;
    const running = scope.filter(({ hasEnded }) => !hasEnded);
    if (running.length === 0) throw new LoadEndedError('cache.dependsOn');
    for (const load of running) load.addTags(tags);
  }
}

/** A value was read in `scope` that is valid under these generations. What was started and not awaited concerns no load any more. */
export function relyOn(scope: Scope, stamps: readonly Stamp[] | undefined): void {
  for (const { reliance, hasEnded } of scope) if (!hasEnded) reliance.addStamps(stamps);
}
