/*
 * The engine: how one key is read, and why the answer can be trusted.
 *
 * READ. L1 (memory, `LocalView`) → L2 (Redis, `RemoteReader`) → load (`Loads`). An L1 hit is synchronous inside and asks
 * nobody. A look in L2 is one round trip: the entry and those generations this process does not know. A load runs under
 * the key's lease and is stored only if the lease still holds its token; the generations stamped on the entry are those
 * read before the loader started. So an invalidation that happens during a load leaves nothing stale behind: that of a
 * key takes the lease away, that of a tag makes the stamps wrong.
 *
 * SHARE. One load of a key at a time in this process (`Flights`). A caller may share a load that began after the caller
 * did, or one of which it is sure that nothing was invalidated since it began; else it waits for it to end and looks
 * again. Sure means: by default, the flight's fence is intact and the coherence lease holds (or the load is younger than
 * the window); in strict mode, Redis itself still shows the flight's lease and generations.
 *
 * COHERENCE. Every invalidation is written to the ledger before it is acknowledged; `LedgerReader` follows it and renews
 * the coherence lease, without which L1 and the known generations are not trusted. Whatever is being fetched when a
 * record arrives is fenced off from L1.
 *
 * FAILURE. Every remote call settles in time and rejects with `RemoteStoreError` only. Then the value is loaded and not
 * stored. Errors of loaders reach the caller; errors of Redis never do. What keeps a sick Redis from slowing readers is
 * around the store (`GuardedStore`: circuit breakers and a limit of commands in flight); what keeps a slow source from
 * being asked too much is around the loader (`runLoader`: the budget of its source).
 *
 * REFRESH. A value that nears its expiry, or is past `freshUntil` and before `keepUntil`, is served while it is loaded
 * again behind (`Refreshes`), under the same lease as any load. A refresh that fails leaves the stale value in use, unless
 * the failure says that there is no value any more. An invalidated value is never served.
 *
 * LATE TAGS. A tag that a load gets after it has begun, or that a value carries which its loader read, is settled when
 * the loader has ended (`LateTags`). Only a reader who began before it was settled may share such a load.
 *
 * TIME. A caller waits for at most its hard timeout. The load it waited for goes on, is stored, and is still the key's
 * only one in this process: its flight ends when its loader does.
 */
import type { Clock } from '../primitives/clock.js';
import { withDeadline } from '../primitives/deadline.js';
import { sameShape } from '../keys/key.js';
import type { Milliseconds } from '../primitives/units.js';
import { BatchLoad, type LoadMany } from './batch-load.js';
import { type Flight, type Flights, landed, type NewFlight, suits } from './flights.js';
import { type LoadBudgets, LoadRejectedError } from './load-budget.js';
import { type Loader, LoadTimeoutError } from './loader-run.js';
import type { PreviousEntry } from './load-context.js';
import { type LoadScopes, relyOn, type Scope } from './load-scopes.js';
import type { Loads } from './loads.js';
import { type LocalEntry, previousOf, stampsOf } from './local-entry.js';
import type { LocalView } from './local-view.js';
import type { Looks } from './looks.js';
import { type Found, isFound, type NotFound, type ReadPlan } from './lookup.js';
import type { Refreshes } from './refreshes.js';
import { isHit, type Look, type Miss } from './remote-reader.js';

/** What the engine is made of. */
export interface CacheEngineParts {
  readonly clock: Clock;
  readonly view: LocalView;
  readonly looks: Looks;
  readonly flights: Flights;
  readonly loads: Loads;
  readonly refreshes: Refreshes;
  readonly budgets: LoadBudgets;
  readonly scopes: LoadScopes;
}

/** Reads keys through all tiers. */
export class CacheEngine {
  constructor(private readonly parts: CacheEngineParts) {}

  /**
   * The value of a key, loaded where no tier has it. Rejects with what the loader throws, with LoadTimeoutError or with
   * LoadRejectedError, and with nothing else.
   */
  lookup(plan: ReadPlan, loader: Loader): Promise<Found> {
    // Of whoever calls, now: the answer may come in another's turn.
    const scope = this.parts.scopes.current;
    const found = this.#lookup(plan, loader);
    return scope ? found.then((found) => relied(scope, found)) : found;
  }

  /** The fresh entry that L1 has; `undefined` for none. Asks nobody. */
  fromMemory(plan: ReadPlan, loader: Loader): LocalEntry | undefined {
    const now = this.parts.clock.now();
    const entry = this.#peek(plan, now);
    if (entry === undefined || now >= entry.freshUntil) return undefined;
    const scope = this.parts.scopes.current;
    if (scope) relyOn(scope, stampsOf(entry));
    this.parts.refreshes.refreshIfDue({ plan, loader }, entry, now);
    return entry;
  }

  /** The same, and nothing is begun for it. */
  peek(wanted: Pick<ReadPlan, 'key' | 'consistency'>): LocalEntry | undefined {
    const now = this.parts.clock.now();
    const entry = this.#peek(wanted, now);
    if (entry === undefined || now >= entry.freshUntil) return undefined;
    const scope = this.parts.scopes.current;
    if (scope) relyOn(scope, stampsOf(entry));
    return entry;
  }

  #lookup(plan: ReadPlan, loader: Loader): Promise<Found> {
    const now = this.parts.clock.now();
    const entry = this.#peek(plan, now);
    if (entry !== undefined && now < entry.freshUntil) {
      this.parts.refreshes.refreshIfDue({ plan, loader }, entry, now);
      const found = fromLocal(entry);
      return Promise.resolve(this.parts.scopes.current ? { ...found, stamps: stampsOf(entry) } : found);
    }
    if (entry !== undefined && plan.policy.grace > 0) {
      const found = { ...fromLocal(entry, true), stamps: stampsOf(entry) };
      return this.parts.refreshes.serve({ found, plan, loader, begunAt: now });
    }
    const found = this.#withinLimit(plan, this.#resolve(plan, loader, now));
    return found.then((found) => this.#served(found, plan, loader, now));
  }

  /**
   * Loads a key for nobody, where no tier has it: no reader of its source waits longer for it than for what is under way.
   * Takes its turn before it looks, so that a reader who comes meanwhile begins the load himself. Ends when the load does;
   * `undefined` where `signal` came before its turn. Rejects with what the loader throws.
   */
  lookupBehind(plan: ReadPlan, loader: Loader, signal: AbortSignal): Promise<Found | undefined> {
    const inTurn = { ...plan, isBatched: true };
    return this.parts.budgets.runBehind(plan.policy.source, signal, async () => {
      const local = this.peek(plan);
      if (local) return fromLocal(local);
      const found = await this.#resolve(inTurn, loader, this.parts.clock.now());
      return found.stale ? ((await this.parts.refreshes.replace(inTurn, loader, found)) ?? found) : found;
    });
  }

  /** The values of keys in order; those that no tier has are loaded in one call, each under its own lease and flight. */
  lookupMany(plans: readonly ReadPlan[], loadMany: LoadMany): Promise<Found[]> {
    // One call of the loader is one load of each source it asks, however many keys it is for.
    const { budgets, scopes } = this.parts;
    const budgeted: LoadMany = (indices, loads) => {
      const sources = new Set(indices.flatMap((i) => plans[i]?.policy.source ?? []));
      const load = (): unknown => scopes.run(loads, () => loadMany(indices, loads));
      return budgets.runAll(sources, () => Promise.resolve(load()));
    };
    const batch = new BatchLoad(plans.length, budgeted, this.parts.clock);
    return Promise.all(
      plans.map((plan, i) =>
        this.lookup({ ...plan, isBatched: true }, (load) => batch.want(i, load)).finally(() => {
          batch.decline(i);
        }),
      ),
    );
  }

  /** The fresh value of a key that L2 has; nothing is loaded, and Redis away is a miss of cause `degraded`. */
  read({ key, consistency }: ReadPlan): Promise<Found | NotFound> {
    const { looks, loads, scopes } = this.parts;
    const scope = scopes.current;
    const found = looks.fresh(key, consistency, (hit) => loads.serve(hit));
    return scope ? found.then((result) => (isFound(result) ? relied(scope, result) : result)) : found;
  }

  /** The fresh values of keys that a tier has, in order; nothing is loaded, and Redis away is a miss of cause `degraded`. */
  async readMany(plans: readonly ReadPlan[]): Promise<(Found | NotFound)[]> {
    const { clock, looks, loads, scopes } = this.parts;
    const scope = scopes.current;
    const now = clock.now();
    const results = new Map<number, Found | NotFound>();
    for (const [i, plan] of plans.entries()) {
      const entry = this.#peek(plan, now);
      if (entry && now < entry.freshUntil)
        results.set(i, scope ? { ...fromLocal(entry), stamps: stampsOf(entry) } : fromLocal(entry));
    }
    const rest = [...plans.entries()].filter(([i]) => !results.has(i));
    if (rest.length > 0) {
      const keys = rest.map(([, { key }]) => key);
      const found = await looks.many(keys, plans[0]?.consistency ?? 'default', (hit) => loads.serve(hit));
      for (const [at, [i]] of rest.entries()) results.set(i, found[at] as Found | NotFound);
    }
    for (const result of results.values()) if (scope && isFound(result)) relyOn(scope, result.stamps);
    return plans.map((_, i) => results.get(i) as Found | NotFound);
  }

  /** What L1 has. An entry without a tag that this call names may have missed an invalidation, one of another shape was made by another schema: L2 tells. */
  #peek({ key, consistency }: Pick<ReadPlan, 'key' | 'consistency'>, now: Milliseconds): LocalEntry | undefined {
    if (consistency === 'strict') return undefined;
    const entry = this.parts.view.peek(key.name, now);
    return entry && carriesAll(entry, key.tags) && sameShape(entry.family, key.family) ? entry : undefined;
  }

  #withinLimit({ key, policy }: ReadPlan, work: Promise<Found>): Promise<Found> {
    const { hardTimeout } = policy;
    return withDeadline(this.parts.clock, hardTimeout, work, () => new LoadTimeoutError(key.family.label, hardTimeout));
  }

  #resolve(plan: ReadPlan, loader: Loader, begunAt: Milliseconds): Promise<Found> {
    return plan.consistency === 'strict'
      ? this.#resolveStrictly(plan, loader, begunAt)
      : this.#resolveByDefault(plan, loader, begunAt);
  }

  async #resolveByDefault(plan: ReadPlan, loader: Loader, begunAt: Milliseconds): Promise<Found> {
    const { flights, looks, loads } = this.parts;
    // One command deadline is what a read may cost while Redis is away, so nobody looks twice.
    let isAway = false;
    for (;;) {
      this.#endAfterLimit(plan, begunAt);
      const flight = flights.get(plan.key.name);
      if (!flight && isAway) return flights.fly(plan, false, (own) => this.#loadAfter(plan, loader, own, undefined));
      if (!flight) return flights.fly(plan, false, (own) => this.#lookThenLoad(plan, loader, own));
      if (flight.isRefresh && !isAway) {
        // Whoever may be served what there is does not wait for the refresh, nor get its error.
        const look = await looks.once(plan);
        if (look && isHit(look)) return loads.serve(look);
        isAway = look === undefined;
      }
      const found = await (flights.mayShare(flight, plan, begunAt) ? resultOf(flight) : landed(flight));
      if (found && suits(flight, found, begunAt, 'default')) return { ...found, coalesced: true };
    }
  }

  /** The caller has been told that it takes too long: nothing more is begun for it. */
  #endAfterLimit({ key, policy }: ReadPlan, begunAt: Milliseconds): void {
    if (this.parts.clock.now() - begunAt >= policy.hardTimeout)
      throw new LoadTimeoutError(key.family.label, policy.hardTimeout);
  }

  async #resolveStrictly(plan: ReadPlan, loader: Loader, begunAt: Milliseconds): Promise<Found> {
    const { looks, loads, flights } = this.parts;
    let isAway = false;
    for (;;) {
      this.#endAfterLimit(plan, begunAt);
      const look: Look | undefined = isAway ? undefined : await looks.once(plan);
      if (look && isHit(look)) return loads.serve(look);
      isAway = look === undefined;
      const flight = flights.get(plan.key.name);
      if (!flight) return flights.fly(plan, false, (own) => this.#loadAfter(plan, loader, own, look));
      // A load that began after this read is as good as one of its own; what a default read found in L2 is not.
      const sure = sameShape(flight.family, plan.key.family) && (flight.beganAt >= begunAt || stillHolds(flight, look));
      const found = await (sure ? flight.result : landed(flight));
      if (found?.source === 'loader' && suits(flight, found, begunAt, 'strict')) return { ...found, coalesced: true };
    }
  }

  #served(found: Found, plan: ReadPlan, loader: Loader, begunAt: Milliseconds): Found | Promise<Found> {
    return found.source === 'loader' ? found : this.parts.refreshes.serve({ found, plan, loader, begunAt });
  }

  async #lookThenLoad(plan: ReadPlan, loader: Loader, flight: NewFlight): Promise<Found> {
    const { looks, loads } = this.parts;
    const want = { key: plan.key, open: flight.open };
    const look = await looks.at(want, plan, plan.policy.grace > 0);
    if (!look || !isHit(look)) return this.#loadAfter(plan, loader, flight, look);
    looks.keep(want, look);
    return loads.serve(look);
  }

  async #loadAfter(plan: ReadPlan, loader: Loader, flight: NewFlight, miss: Miss | undefined): Promise<Found> {
    const request = { plan, loader, flight, refresh: false };
    if (!miss) return this.parts.loads.loadUnstored({ ...request, previous: this.#previous(plan) }, 'degraded');
    return (await this.parts.loads.load({ ...request, miss })) ?? this.parts.loads.loadUnstored(request, miss.cause);
  }

  /** What memory has to be replaced while Redis is away. */
  #previous(plan: ReadPlan): PreviousEntry | undefined {
    const entry = this.#peek(plan, this.parts.clock.now());
    return entry && previousOf(entry);
  }
}

/** Whether the entry carries every one of `tags`. Most often they stand in the same order, and nothing is searched. */
function carriesAll({ states }: LocalEntry, tags: readonly string[]): boolean {
  for (let i = 0; i < tags.length; i++)
    if (states[i]?.tag !== tags[i] && !states.some(({ tag }) => tag === tags[i])) return false;
  return true;
}

/** That a refresh found no room at its source does not concern who may wait for a turn: `undefined`, to try by itself. */
function resultOf({ isRefresh, result }: Flight): Promise<Found | undefined> {
  if (!isRefresh) return result;
  return result.catch((error: unknown) => {
    if (error instanceof LoadRejectedError) return undefined;
    throw error;
  });
}

/** Tells the loads of a scope what the value that they read rests on. */
function relied(scope: Scope, found: Found): Found {
  relyOn(scope, found.stamps);
  return found;
}

/** A value of L1 with what is known of it. */
export function fromLocal(entry: LocalEntry, stale = false): Found {
  const { value, loadedAt, loadTook, freshUntil, keepUntil } = entry;
  return { value, loadedAt, loadTook, freshUntil, keepUntil, source: 'l1', stale, coalesced: false, stored: true };
}

/** Whether Redis shows, after the reader began, that nothing of what the flight loads was invalidated. */
function stillHolds({ claim }: Flight, look: Miss | undefined): boolean {
  if (!claim || !look || look.lease !== claim.token) return false;
  // All of the flight's tags, not only those of this reader's key, must be shown to be unchanged.
  if (claim.tokens.size !== look.generations.size) return false;
  return [...look.generations].every(([{ tag }, token]) => claim.tokens.get(tag) === token);
}
