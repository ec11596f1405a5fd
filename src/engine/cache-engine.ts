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
 * stored. Errors of loaders reach the caller; errors of Redis never do.
 *
 * STALE. Past `freshUntil` and before `keepUntil` a value may be served while a refresh runs behind, under the same
 * lease. An invalidated value is never served.
 */
import type { CacheKey } from '../keys/key.js';
import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import { RemoteStoreError } from '../stores/contracts.js';
import type { BackgroundTasks } from './background-tasks.js';
import { BatchLoad, type LoadMany } from './batch-load.js';
import { type Flight, Flights, landed, type NewFlight } from './flights.js';
import type { Loader, Loads } from './loads.js';
import type { LocalEntry, LocalView } from './local-view.js';
import type { Found, NotFound, ReadPlan } from './lookup.js';
import { asExpired, type Hit, isHit, type Look, type Miss, type RemoteReader, type Wanted } from './remote-reader.js';

/** What the engine is made of. */
export interface CacheEngineParts {
  readonly clock: Clock;
  readonly view: LocalView;
  readonly reader: RemoteReader;
  readonly loads: Loads;
  readonly background: BackgroundTasks;
}

/** Reads keys through all tiers. */
export class CacheEngine {
  readonly #flights = new Flights();

  constructor(private readonly parts: CacheEngineParts) {}

  /** The value of a key, loaded where no tier has it. Rejects with what the loader throws, and with nothing else. */
  lookup(plan: ReadPlan, loader: Loader): Promise<Found> {
    const now = this.parts.clock.now();
    const entry = this.#peek(plan, now);
    if (entry === undefined) return this.#resolve(plan, loader, now);
    if (now < entry.freshUntil) return Promise.resolve(fromLocal(entry, false));
    if (plan.grace === 0) return this.#resolve(plan, loader, now);
    this.#refreshBehind(plan, loader);
    return Promise.resolve(fromLocal(entry, true));
  }

  /** The values of keys in order; those that no tier has are loaded in one call, each under its own lease and flight. */
  lookupMany(plans: readonly ReadPlan[], loadMany: LoadMany): Promise<Found[]> {
    const batch = new BatchLoad(plans.length, loadMany, this.parts.clock);
    return Promise.all(
      plans.map((plan, i) =>
        this.lookup(plan, () => batch.want(i)).finally(() => {
          batch.decline(i);
        }),
      ),
    );
  }

  /** The fresh values of keys that a tier has, in order; nothing is loaded, and Redis away is a miss of cause `degraded`. */
  async readMany(plans: readonly ReadPlan[]): Promise<(Found | NotFound)[]> {
    const now = this.parts.clock.now();
    const results = new Map<number, Found | NotFound>();
    for (const [i, plan] of plans.entries()) {
      const entry = this.#peek(plan, now);
      if (entry && now < entry.freshUntil) results.set(i, fromLocal(entry, false));
    }
    const rest = [...plans.entries()].filter(([i]) => !results.has(i));
    if (rest.length > 0) {
      const found = await this.#readRemote(rest.map(([, plan]) => plan));
      for (const [at, [i]] of rest.entries()) results.set(i, found[at] as Found | NotFound);
    }
    return plans.map((_, i) => results.get(i) as Found | NotFound);
  }

  /** What L1 has. An entry with fewer tags than this call names may have missed an invalidation: L2 tells. */
  #peek({ key, consistency }: ReadPlan, now: Milliseconds): LocalEntry | undefined {
    if (consistency === 'strict') return undefined;
    const entry = this.parts.view.peek(key.name, now);
    return entry && entry.states.length > key.tags.length ? entry : undefined;
  }

  async #readRemote(plans: readonly ReadPlan[]): Promise<(Found | NotFound)[]> {
    const wanted = plans.map(({ key }) => this.#want(key));
    try {
      const looks = await this.parts.reader.look(wanted, plans[0]?.consistency ?? 'default');
      return looks.map((look, i) => this.#freshOnly(wanted[i] as Wanted, look));
    } catch (error) {
      if (error instanceof RemoteStoreError) return plans.map(() => ({ cause: 'degraded' }));
      throw error;
    } finally {
      for (const { open } of wanted) this.parts.view.closeFence(open);
    }
  }

  #freshOnly(want: Wanted, look: Look): Found | NotFound {
    if (!isHit(look)) return { cause: look.cause };
    this.#keep(want, look);
    const found = this.parts.loads.serve(look);
    return found.stale ? { cause: 'expired' } : found;
  }

  async #resolve(plan: ReadPlan, loader: Loader, begunAt: Milliseconds): Promise<Found> {
    return plan.consistency === 'strict'
      ? this.#resolveStrictly(plan, loader, begunAt)
      : this.#resolveByDefault(plan, loader, begunAt);
  }

  async #resolveByDefault(plan: ReadPlan, loader: Loader, begunAt: Milliseconds): Promise<Found> {
    for (;;) {
      const flight = this.#flights.get(plan.key.name);
      if (!flight) {
        const found = await this.#fly(plan, (own) => this.#lookThenLoad(plan, loader, own));
        if (found.stale) this.#refreshBehind(plan, loader);
        return found;
      }
      const aside = flight.isRefresh && plan.grace > 0 ? await this.#lookAside(plan, loader) : undefined;
      if (aside) return aside;
      const found = await (this.#mayShare(flight, plan, begunAt) ? flight.result : landed(flight));
      if (found) return { ...found, coalesced: true };
    }
  }

  /** A refresh is under way: whoever may be served stale does not wait for it, nor get its error. */
  async #lookAside(plan: ReadPlan, loader: Loader): Promise<Found | undefined> {
    const want = this.#want(plan.key);
    const look = await this.#look(want, plan, true).finally(() => {
      this.parts.view.closeFence(want.open);
    });
    return look && isHit(look) ? this.#served(look, plan, loader) : undefined;
  }

  #mayShare({ beganAt, beganCoherent, open, tags }: Flight, { key }: ReadPlan, begunAt: Milliseconds): boolean {
    if (beganAt >= begunAt) return true;
    if (!open.fence.intact || !key.tags.every((tag) => tags.includes(tag))) return false;
    const { lease } = this.parts.view;
    const now = this.parts.clock.now();
    // Without the lease a flight asked Redis for everything when it began. One that began under the lease may have
    // relied on knowledge up to one window old, so after the lease has ended its age says nothing.
    return lease.holds(now) || (!beganCoherent && now - beganAt < lease.window);
  }

  async #resolveStrictly(plan: ReadPlan, loader: Loader, begunAt: Milliseconds): Promise<Found> {
    for (;;) {
      const want = this.#want(plan.key);
      const look = await this.#look(want, plan, plan.grace > 0).finally(() => {
        this.parts.view.closeFence(want.open);
      });
      if (look && isHit(look)) return this.#served(look, plan, loader);
      const flight = this.#flights.get(plan.key.name);
      if (!flight) return this.#fly(plan, (own) => this.#loadAfter(plan, loader, own, look));
      // A load that began after this read is as good as one of its own; what a default read found in L2 is not.
      const sure = flight.beganAt >= begunAt || stillHolds(flight, look);
      const found = await (sure ? flight.result : landed(flight));
      if (found?.source === 'loader') return { ...found, coalesced: true };
    }
  }

  #served(hit: Hit, plan: ReadPlan, loader: Loader): Found {
    const found = this.parts.loads.serve(hit);
    if (found.stale) this.#refreshBehind(plan, loader);
    return found;
  }

  async #lookThenLoad(plan: ReadPlan, loader: Loader, flight: NewFlight): Promise<Found> {
    const want = { key: plan.key, open: flight.open };
    const look = await this.#look(want, plan, plan.grace > 0);
    if (!look || !isHit(look)) return this.#loadAfter(plan, loader, flight, look);
    this.#keep(want, look);
    return this.parts.loads.serve(look);
  }

  async #loadAfter(plan: ReadPlan, loader: Loader, flight: NewFlight, miss: Miss | undefined): Promise<Found> {
    const request = { plan, loader, flight, refresh: false };
    if (!miss) return this.parts.loads.loadUnstored(request, 'degraded');
    return (await this.parts.loads.load({ ...request, miss })) ?? this.parts.loads.loadUnstored(request, miss.cause);
  }

  /** Loads a key again while its stale value is served. A refresh without a lease would store over an invalidation. */
  #refreshBehind(plan: ReadPlan, loader: Loader): void {
    if (this.#flights.get(plan.key.name)) return;
    // A loader's failure has been reported by then, and the reader was served: the next one tries again.
    this.parts.background.run('refresh', () =>
      this.#fly(plan, (own) => this.#refresh(plan, loader, own), true).catch(ignore),
    );
  }

  async #refresh(plan: ReadPlan, loader: Loader, flight: NewFlight): Promise<Found | undefined> {
    const want = { key: plan.key, open: flight.open };
    const look = await this.#look(want, plan, false);
    if (!look) return undefined;
    if (!isHit(look)) return this.parts.loads.load({ plan, loader, flight, refresh: true, miss: look });
    this.#keep(want, look);
    return this.parts.loads.serve(look);
  }

  #fly<T extends Found | undefined>(
    plan: ReadPlan,
    work: (flight: NewFlight) => Promise<T>,
    isRefresh = false,
  ): Promise<T> {
    const { clock, view, background } = this.parts;
    const { open } = this.#want(plan.key);
    const beganAt = clock.now();
    const flight = { beganAt, beganCoherent: view.lease.holds(beganAt), tags: plan.key.tags, isRefresh, open };
    const flown = async (flight: NewFlight): Promise<T> => {
      try {
        return await work(flight);
      } finally {
        view.closeFence(open);
      }
    };
    const result = this.#flights.begin(plan.key.name, flight, flown);
    background.watch(result);
    return result;
  }

  /** What L2 says, or `undefined` while Redis is away. A stale entry that may not be served is a miss of cause `expired`. */
  async #look(want: Wanted, { consistency }: ReadPlan, acceptStale: boolean): Promise<Look | undefined> {
    try {
      const [look] = await this.parts.reader.look([want], consistency);
      if (!look || !isHit(look) || acceptStale || this.parts.clock.now() < look.envelope.freshUntil) return look;
      return asExpired(look);
    } catch (error) {
      if (error instanceof RemoteStoreError) return undefined;
      throw error;
    }
  }

  #want(key: CacheKey): Wanted {
    const { view } = this.parts;
    return { key, open: view.openFence(key.name, view.statesOf(key.tags)) };
  }

  #keep({ open }: Wanted, { envelope, value, states }: Hit): void {
    const { loadedAt, loadTook, freshUntil, keepUntil, payload } = envelope;
    this.parts.view.keep(open, {
      value,
      loadedAt,
      loadTook,
      freshUntil,
      keepUntil,
      states,
      payloadLength: payload.length,
    });
  }
}

function ignore(): void {
  // See the caller.
}

function fromLocal({ value, loadedAt, loadTook, freshUntil, keepUntil }: LocalEntry, stale: boolean): Found {
  return { value, loadedAt, loadTook, freshUntil, keepUntil, source: 'l1', stale, coalesced: false, stored: true };
}

/** Whether Redis shows, after the reader began, that nothing of what the flight loads was invalidated. */
function stillHolds({ claim }: Flight, look: Miss | undefined): boolean {
  if (!claim || !look || look.lease !== claim.token) return false;
  // All of the flight's tags, not only those of this reader's key, must be shown to be unchanged.
  if (claim.tokens.size !== look.generations.size) return false;
  return [...look.generations].every(([{ tag }, token]) => claim.tokens.get(tag) === token);
}
