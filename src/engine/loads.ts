import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import { type LeaseAnswer, type RemoteStore, RemoteStoreError } from '../stores/contracts.js';
import type { EntryWriter, Prepared } from './entry-writer.js';
import type { Claim, NewFlight } from './flights.js';
import { EVERYTHING, type TagState } from './generations.js';
import { type LateTags, type Settled, tagsOfValue } from './late-tags.js';
import { sameShape } from '../keys/key.js';
import type { PreviousEntry } from './load-context.js';
import { holdingLease, ignoring, type LoadLease } from './load-lease.js';
import { type LoaderCall, type LoaderResult, type LoaderRunParts, runLoader } from './loader-run.js';
import type { Lifetime } from './lifetime.js';
import { previousOf } from './local-entry.js';
import type { LocalView } from './local-view.js';
import type { Found, MissCause, ReadPlan } from './lookup.js';
import { asExpired, type Hit, isHit, type Look, type Miss, type RemoteReader } from './remote-reader.js';
import type { Renewals } from './renewals.js';

/** What loads are made with. */
export interface LoadsParts extends LoaderRunParts {
  readonly random: Random;
  readonly remote: RemoteStore;
  readonly view: LocalView;
  readonly reader: RemoteReader;
  readonly writer: EntryWriter;
  readonly late: LateTags;
  readonly renewals: Renewals;
  readonly leaseDuration: Milliseconds;
  /** How long to wait for another process's load before loading without storing. */
  readonly leaseWait: Milliseconds;
}

/** One load: for a flight, after a look that missed; `refresh` when a stale value was served meanwhile. */
export interface LoadRequest extends Omit<LoaderCall, 'previous'> {
  readonly flight: NewFlight;
  /** What the look found. A stale entry that it has seen stays while it is refreshed. */
  readonly miss: Miss;
}

/** As often as an entry of which nothing can be used may have become another one until its key is loaded without a lease. */
const MOST_UNUSABLE = 5;
const POLL: { readonly least: Milliseconds; readonly most: Milliseconds } = { least: 2, most: 100 };

/** Loads one key under its lease: across processes while Redis answers, without one while it does not. */
export class Loads {
  constructor(private readonly parts: LoadsParts) {}

  /** The loaded value, or the entry that somebody else stored meanwhile; `undefined` when a refresh is not ours to do. */
  async load(request: LoadRequest): Promise<Found | undefined> {
    const right = await this.#seek(request);
    if (right === 'busy' || right === 'degraded') {
      const { refresh, miss } = request;
      // What a refresh could not store it does not load: every hit would load it again.
      if (refresh) return undefined;
      const cause = right === 'busy' ? miss.cause : right;
      // Without the lease nobody can tell whether what was seen has been deleted meanwhile.
      return this.loadUnstored({ ...request, previous: undefined }, cause);
    }
    if ('envelope' in right) return this.serve(right);
    const lease: LoadLease = { key: request.plan.key.name, token: right.claim.token, spent: false };
    const { clock, remote, leaseDuration } = this.parts;
    return holdingLease({ clock, remote, duration: leaseDuration }, lease, () =>
      this.#loadStored(request, right, lease),
    );
  }

  /** Runs the loader without the right to store what it returns. */
  async loadUnstored(request: LoaderCall, cause: MissCause): Promise<Found> {
    const { plan } = request;
    const returned = await runLoader(this.parts, request);
    const { prepared, lifetime } = await this.#made(plan, returned);
    const isSure = !returned.load.reliance.goesBeyond(new Set([...plan.key.tags, EVERYTHING]));
    return found(prepared.value, lifetime, { cause, stored: false, checkedAt: isSure ? undefined : -Infinity });
  }

  /** An entry of L2 as a result. */
  serve({ envelope, value }: Hit): Found {
    const { loadedAt, loadTook, freshUntil, keepUntil, stamps } = envelope;
    const stale = this.parts.clock.now() >= freshUntil;
    // Each by its name: a spread of the lifetime would be a third of what a hit costs here.
    return {
      value,
      source: 'l2',
      stale,
      coalesced: false,
      stored: true,
      stamps,
      loadedAt,
      loadTook,
      freshUntil,
      keepUntil,
    };
  }

  async #seek(request: LoadRequest): Promise<Right | Hit | 'busy' | 'degraded'> {
    try {
      return await this.#claimOrWait(request);
    } catch (error) {
      if (error instanceof RemoteStoreError) return 'degraded';
      throw error;
    }
  }

  /** Waits a little for the process that holds the lease. Grows with the time already waited, so a short load is noticed soon and a long one is not asked about for ever. */
  async #wait({ plan }: LoadRequest, waited: Milliseconds): Promise<void> {
    const { clock, random, observer } = this.parts;
    const pause = Math.min(Math.max(waited / 8, POLL.least), POLL.most) * (0.75 + random.fraction() / 2);
    await clock.sleep(pause);
    observer.on({ type: 'lease.waited', label: plan.key.family.label, took: pause });
  }

  async #claimOrWait(request: LoadRequest): Promise<Right | Hit | 'busy'> {
    const { clock, leaseWait, random } = this.parts;
    const since = clock.now();
    let { miss } = request;
    let unusable = 0;
    for (;;) {
      const [answer, claim] = await this.#acquire(request, miss, random.token());
      if (answer.kind === 'granted') {
        const previous = answer.replaces ? miss.previous : undefined;
        request.flight.claim = claim;
        return { claim, previous };
      }
      if (answer.kind === 'found') {
        const look = await this.#usable(request, answer.bytes);
        if (isHit(look)) return look;
        miss = look;
        unusable += 1;
      }
      const waited = clock.now() - since;
      // Whoever spoils entries faster than they are read would keep the reader here, and the process busy.
      if (request.refresh || waited >= leaseWait || unusable >= MOST_UNUSABLE) return 'busy';
      if (answer.kind === 'busy') await this.#wait(request, waited);
    }
  }

  /** The entry that was there instead of the one that was seen; a miss where it may not be served. */
  async #usable({ plan, flight }: LoadRequest, bytes: Buffer): Promise<Look> {
    const look = await this.parts.reader.judge({ key: plan.key, open: flight.open }, bytes, plan.consistency);
    if (!isHit(look) || plan.policy.grace > 0 || this.parts.clock.now() < look.envelope.freshUntil) return look;
    return asExpired(plan.key, look);
  }

  /** Asks for the lease, mints missing generations and, for late tags, asks where announcements end, in one round trip. */
  async #acquire({ plan, refresh, flight }: LoadRequest, miss: Miss, token: string): Promise<[LeaseAnswer, Claim]> {
    const { remote, random, leaseDuration, view, late } = this.parts;
    const states = [...miss.generations.keys()];
    const missing = states.filter((state) => miss.generations.get(state) === undefined);
    const lease = { key: plan.key.name, token, duration: leaseDuration, seen: miss.seen, keepSeen: refresh };
    const known = missing.map((state) => state.token);
    const [answer, minted, since] = await Promise.all([
      remote.acquire(lease),
      missing.length === 0 ? [] : remote.mint(missing.map(({ tag }) => ({ tag, token: random.token() }))),
      late.begin(plan),
    ]).catch((error: unknown) => {
      // The lease may have been granted although we were not told: left alone it would hold up everybody for its duration.
      ignoring(remote.release(plan.key.name, token));
      throw error;
    });
    for (const [i, state] of missing.entries())
      if (flight.open.fence.tagIntact(state)) view.generations.learnSince(state, known[i], minted[i] as string);
    const tokenOf = (state: TagState): string =>
      miss.generations.get(state) ?? (minted[missing.indexOf(state)] as string);
    return [answer, { token, tokens: new Map(states.map((state) => [state.tag, tokenOf(state)])), since }];
  }

  async #loadStored(request: LoadRequest, { previous, claim }: Right, lease: LoadLease): Promise<Found> {
    const { writer, late, clock, renewals } = this.parts;
    const { plan, loader, refresh, flight, miss } = request;
    const replaced = previous ?? this.#fromMemory(plan);
    const returned = await runLoader(this.parts, { plan, loader, refresh, previous: replaced });
    const { prepared, lifetime } = await this.#made(plan, returned);
    const { reliance, isSkipped } = returned.load;
    const checkedAt = reliance.goesBeyond(new Set(claim.tokens.keys())) ? clock.now() : undefined;
    const settled = await late.settle({ plan, claim, open: flight.open, reliance });
    const stamps = typeof settled === 'string' ? undefined : settled;
    const refusal = isSkipped ? 'skipped' : settled;
    const mayStore = this.#mayStore(plan, refusal);
    const { open } = flight;
    const stored =
      mayStore && stamps
        ? await writer.fill({ plan, lifetime, prepared, open, lease, replaces: false, stamps })
        : false;
    const { tokens } = claim;
    const hasLateTags = stamps?.length !== tokens.size;
    if (stored && stamps)
      renewals.stored({ plan, miss, previous: replaced, payload: prepared.payload, lifetime, stamps, hasLateTags });
    const sure = stamps ? checkedAt : -Infinity;
    return found(prepared.value, lifetime, { cause: miss.cause, stored, stamps, checkedAt: sure });
  }

  /** The value of a load that has returned, with its life and the tags that it makes. */
  async #made(
    plan: ReadPlan,
    { raw, loadedAt, load }: LoaderResult,
  ): Promise<{ prepared: Prepared; lifetime: Lifetime }> {
    const { writer } = this.parts;
    const prepared = load.kept ?? (await writer.prepare(plan, raw));
    if (prepared.payload !== undefined) load.reliance.addTags(tagsOfValue(plan, prepared.value));
    const lived = load.ttl === undefined ? plan : { ...plan, ttl: load.ttl };
    return { prepared, lifetime: writer.lifetime(lived, loadedAt) };
  }

  #mayStore({ key }: ReadPlan, settled: Settled | 'skipped'): boolean {
    if (typeof settled !== 'string') return true;
    this.parts.observer.on({ type: 'value.not-stored', label: key.family.label, why: settled });
    return false;
  }

  /** What is replaced where nothing is shared: what Redis would tell otherwise, memory has. */
  #fromMemory({ key }: ReadPlan): PreviousEntry | undefined {
    const { view, clock } = this.parts;
    if (view.lease.isShared) return undefined;
    const entry = view.peek(key.name, clock.now());
    return entry && sameShape(entry.family, key.family) ? previousOf(entry) : undefined;
  }
}

/** The right to load and store, with what is replaced. */
interface Right {
  readonly claim: Claim;
  readonly previous: PreviousEntry | undefined;
}

// Each by its name, as in `serve`.
function found(
  value: unknown,
  { loadedAt, loadTook, freshUntil, keepUntil }: Lifetime,
  { cause, stored, stamps, checkedAt }: Told,
): Found {
  return {
    value,
    source: 'loader',
    stale: false,
    cause,
    coalesced: false,
    stored,
    stamps,
    checkedAt,
    loadedAt,
    loadTook,
    freshUntil,
    keepUntil,
  };
}

interface Told extends Pick<Found, 'stored' | 'stamps' | 'checkedAt'> {
  readonly cause: MissCause;
}
