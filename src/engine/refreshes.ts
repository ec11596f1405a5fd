import { sameShape } from '../keys/key.js';
import type { Clock } from '../primitives/clock.js';
import { withDeadline } from '../primitives/deadline.js';
import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import type { RemoteStore } from '../stores/contracts.js';
import { isDueEarly } from './early-refresh.js';
import { type Flight, type Flights, type NewFlight, suits } from './flights.js';
import { type LoadBudgets, LoadRejectedError } from './load-budget.js';
import { ignoring } from './load-lease.js';
import { type Loader, LoadTimeoutError, mayHide } from './loader-run.js';
import type { Loads } from './loads.js';
import type { Lifetime } from './lifetime.js';
import type { LocalView } from './local-view.js';
import type { Looks } from './looks.js';
import type { Found, ReadPlan, StaleReason } from './lookup.js';
import type { CacheObserver } from './observer.js';
import { asExpired, isHit, type Miss } from './remote-reader.js';
import { Throttles } from './throttles.js';

/** What refreshes are made with. */
export interface RefreshesParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly view: LocalView;
  readonly remote: RemoteStore;
  readonly observer: CacheObserver;
  readonly flights: Flights;
  readonly looks: Looks;
  readonly loads: Loads;
  readonly budgets: LoadBudgets;
}

/** A reader with a value that it may be served, and how it would load a new one. */
export interface Refreshable {
  readonly plan: ReadPlan;
  readonly loader: Loader;
  readonly found: Found;
  readonly begunAt: Milliseconds;
}

// While another process refreshes a key, this one asks again after a share of the time that its load takes.
const ASK_AGAIN: { readonly least: Milliseconds; readonly most: Milliseconds } = { least: 5, most: 250 };

/** Replaces values before or after they have expired while readers are served the ones there are (RFC 5861). */
export class Refreshes {
  readonly #throttles: Throttles;

  constructor(private readonly parts: RefreshesParts) {
    this.#throttles = new Throttles(parts.clock);
  }

  /** What the reader gets: a fresh value as it is; instead of a stale one the new one, where it may wait and that comes in time. */
  serve(reader: Refreshable): Promise<Found> {
    const { found } = reader;
    if (found.stale) return this.#serveStale(reader);
    this.refreshIfDue(reader, found, this.parts.clock.now());
    return Promise.resolve(found);
  }

  /** Begins a refresh behind a fresh value that is due early. */
  refreshIfDue({ plan, loader }: Pick<Refreshable, 'plan' | 'loader'>, life: Lifetime, now: Milliseconds): void {
    const { random, flights } = this.parts;
    if (isDueEarly(life, plan.policy, now, random) && !flights.get(plan.key.name)) void this.#begin(plan, loader, life);
  }

  /** Loads what replaces a stale value, for nobody and in a place that is taken already; `undefined` where others do, or lately could not. */
  async replace(plan: ReadPlan, loader: Loader, life: Lifetime): Promise<Found | undefined> {
    const { flights } = this.parts;
    if (flights.get(plan.key.name) || this.#throttles.heldBecause(plan.key.name)) return undefined;
    return flights.fly(plan, true, (flight) => this.#refresh(plan, loader, flight, life));
  }

  #serveStale(reader: Refreshable): Promise<Found> {
    const { found, plan, loader, begunAt } = reader;
    const running = this.parts.flights.get(plan.key.name);
    const refresh = running ? this.#shared(running, plan, begunAt) : this.#begin(plan, loader, found);
    if (typeof refresh === 'string') return Promise.resolve(this.#stale(found, plan, refresh));
    if (plan.policy.softTimeout === 0) return Promise.resolve(this.#stale(found, plan, 'refreshing'));
    return this.#newOrStale(refresh, reader, running);
  }

  /** The result of a flight under way, if it may be given to this reader. */
  #shared(flight: Flight, plan: ReadPlan, begunAt: Milliseconds): Promise<Found | undefined> | StaleReason {
    const { flights } = this.parts;
    const began = flight.beganAt >= begunAt && sameShape(flight.family, plan.key.family);
    const isSure = began || (plan.consistency === 'default' && flights.mayShare(flight, plan, begunAt));
    return isSure ? flight.result : 'refreshing';
  }

  async #newOrStale(
    refresh: Promise<Found | undefined>,
    { found: stale, plan, begunAt }: Refreshable,
    running: Flight | undefined,
  ): Promise<Found> {
    const { softTimeout } = plan.policy;
    try {
      const late = (): Error => new LoadTimeoutError(plan.key.family.label, softTimeout);
      const found = await withDeadline(this.parts.clock, softTimeout, refresh, late);
      const isForUs = found && (!running || suits(running, found, begunAt, plan.consistency));
      return isForUs ? { ...found, coalesced: running !== undefined } : this.#stale(stale, plan, 'refreshing');
    } catch (error) {
      const reason = reasonFor(error, plan);
      if (!reason) throw error;
      return this.#stale(stale, plan, reason);
    }
  }

  #stale(found: Found, { key }: ReadPlan, reason: StaleReason): Found {
    this.parts.observer.on({ type: 'stale.served', label: key.family.label, reason });
    return { ...found, staleReason: reason };
  }

  /** Begins a refresh, unless the key is held or its source has no room: then the reason. */
  #begin(plan: ReadPlan, loader: Loader, life: Lifetime): Promise<Found | undefined> | StaleReason {
    const { key, policy } = plan;
    const held = this.#throttles.heldBecause(key.name);
    if (held) return held === 'failed' ? 'failed' : 'refreshing';
    if (!this.parts.budgets.hasRoom(policy.source)) return 'rejected';
    return this.parts.flights.fly(plan, true, (flight) => this.#refresh(plan, loader, flight, life));
  }

  /** Loads under the lease. A refresh without one would store over an invalidation. */
  async #refresh(plan: ReadPlan, loader: Loader, flight: NewFlight, life: Lifetime): Promise<Found | undefined> {
    const { looks, loads, clock } = this.parts;
    const want = { key: plan.key, open: flight.open };
    const look = await looks.at(want, plan, true);
    if (!look) return undefined;
    if (isHit(look) && look.envelope.loadedAt !== life.loadedAt && clock.now() < look.envelope.freshUntil) {
      looks.keep(want, look);
      return loads.serve(look);
    }
    // Memory had it: that Redis does not is no news to its reader.
    const miss: Miss = isHit(look) ? asExpired(plan.key, look) : { ...look, cause: 'expired' };
    try {
      const found = await loads.load({ plan, loader, flight, refresh: true, miss });
      if (found?.stored) this.#throttles.release(plan.key.name);
      // A value that cannot be stored (it has grown too large) leaves the old one in place: not loaded again at every hit.
      else this.#throttles.hold(plan.key.name, found ? plan.policy.throttle : pauseAfter(life), false);
      return found;
    } catch (error) {
      this.#failed(error, plan, { miss, flight });
      throw error;
    }
  }

  /** The source is left alone for a while; or, if it says that the value is no more, that is removed. */
  #failed(error: unknown, plan: ReadPlan, { miss, flight }: { readonly miss: Miss; readonly flight: NewFlight }): void {
    const { key, policy } = plan;
    const reason = reasonFor(error, plan);
    if (reason === 'rejected') return;
    if (reason) {
      this.#throttles.hold(key.name, policy.throttle, true);
      return;
    }
    // Neither in memory nor in Redis may it take a newer value away, one that was set meanwhile.
    if (flight.open.fence.intact) this.parts.view.drop(key.name);
    const { seen } = miss;
    if (seen.length > 0) ignoring(this.parts.remote.dropSame([{ key: key.name, identity: seen }]));
  }
}

/** Why a stale value may be served after this failure of its refresh; `undefined` when the failure must be told. */
function reasonFor(error: unknown, { policy }: ReadPlan): StaleReason | undefined {
  if (error instanceof LoadTimeoutError) return 'slow';
  if (error instanceof LoadRejectedError) return 'rejected';
  return mayHide(policy, error) ? 'failed' : undefined;
}

function pauseAfter({ loadTook }: Lifetime): Milliseconds {
  return Math.min(Math.max(loadTook / 4, ASK_AGAIN.least), ASK_AGAIN.most);
}
