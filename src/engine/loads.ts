import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import { type LeaseAnswer, type RemoteStore, RemoteStoreError } from '../stores/contracts.js';
import type { EntryWriter } from './entry-writer.js';
import type { Claim, NewFlight } from './flights.js';
import type { TagState } from './generations.js';
import { holdingLease, ignoring, type LoadLease } from './load-lease.js';
import { type Loader, type LoaderRunParts, runLoader } from './loader-run.js';
import type { Lifetime } from './lifetime.js';
import type { LocalView } from './local-view.js';
import type { Found, MissCause, ReadPlan } from './lookup.js';
import { asExpired, type Hit, isHit, type Miss, type RemoteReader } from './remote-reader.js';

/** What loads are made with. */
export interface LoadsParts extends LoaderRunParts {
  readonly random: Random;
  readonly remote: RemoteStore;
  readonly view: LocalView;
  readonly reader: RemoteReader;
  readonly writer: EntryWriter;
  readonly leaseDuration: Milliseconds;
  /** How long to wait for another process's load before loading without storing. */
  readonly leaseWait: Milliseconds;
}

/** One load: for a flight, after a look that missed; `refresh` when a stale value was served meanwhile. */
export interface LoadRequest {
  readonly plan: ReadPlan;
  readonly loader: Loader;
  readonly flight: NewFlight;
  readonly refresh: boolean;
  /** Identity of a stale entry to keep while it is refreshed. */
  readonly miss: Miss;
}

const POLL: { readonly least: Milliseconds; readonly most: Milliseconds } = { least: 2, most: 100 };

/** Loads one key under its lease: across processes while Redis answers, without one while it does not. */
export class Loads {
  constructor(private readonly parts: LoadsParts) {}

  /** The loaded value, or the entry that somebody else stored meanwhile; `undefined` when a refresh is not ours to do. */
  async load(request: LoadRequest): Promise<Found | undefined> {
    const right = await this.#seek(request);
    if (right === 'busy') return request.refresh ? undefined : this.loadUnstored(request, request.miss.cause);
    // What a refresh could not store it does not load: every hit would load it again.
    if (right === 'degraded') return request.refresh ? undefined : this.loadUnstored(request, 'degraded');
    if ('envelope' in right) return this.serve(right);
    const lease: LoadLease = { key: request.plan.key.name, token: right.token, spent: false };
    const { clock, remote, leaseDuration } = this.parts;
    return holdingLease({ clock, remote, duration: leaseDuration }, lease, () =>
      this.#loadStored(request, right, lease),
    );
  }

  /** Runs the loader without the right to store what it returns. */
  async loadUnstored(request: Omit<LoadRequest, 'miss'>, cause: MissCause): Promise<Found> {
    const { raw, loadedAt } = await runLoader(this.parts, request.plan, request.loader, request.refresh);
    const { value } = await this.parts.writer.prepare(request.plan, raw);
    return this.#found(value, this.parts.writer.lifetime(request.plan, loadedAt), { cause, stored: false });
  }

  /** An entry of L2 as a result. */
  serve({ envelope, value }: Hit): Found {
    const { loadedAt, loadTook, freshUntil, keepUntil } = envelope;
    const stale = this.parts.clock.now() >= freshUntil;
    return { value, loadedAt, loadTook, freshUntil, keepUntil, source: 'l2', stale, coalesced: false, stored: true };
  }

  async #seek(request: LoadRequest): Promise<Claim | Hit | 'busy' | 'degraded'> {
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
    const pause = Math.min(Math.max(waited / 4, POLL.least), POLL.most) * (0.75 + random.fraction() / 2);
    await clock.sleep(pause);
    observer.on({ type: 'lease.waited', label: plan.key.family.label, took: pause });
  }

  async #claimOrWait(request: LoadRequest): Promise<Claim | Hit | 'busy'> {
    const { clock, leaseWait, random } = this.parts;
    const since = clock.now();
    let { miss } = request;
    for (;;) {
      const token = random.token();
      const [answer, tokens] = await this.#acquire(request, miss, token);
      if (answer.kind === 'granted') return (request.flight.claim = { token, tokens });
      if (answer.kind === 'found') {
        const look = await this.parts.reader.judge(
          { key: request.plan.key, open: request.flight.open },
          answer.bytes,
          request.plan.consistency,
        );
        if (isHit(look) && (request.plan.policy.grace > 0 || clock.now() < look.envelope.freshUntil)) return look;
        miss = isHit(look) ? asExpired(look) : look;
      }
      const waited = clock.now() - since;
      if (request.refresh || waited >= leaseWait) return 'busy';
      if (answer.kind === 'busy') await this.#wait(request, waited);
    }
  }

  /** Asks for the lease and mints missing generations in one round trip. */
  async #acquire(
    { plan, refresh, flight }: LoadRequest,
    miss: Miss,
    token: string,
  ): Promise<[LeaseAnswer, ReadonlyMap<string, string>]> {
    const { remote, random, leaseDuration, view } = this.parts;
    const states = [...miss.generations.keys()];
    const missing = states.filter((state) => miss.generations.get(state) === undefined);
    const lease = { key: plan.key.name, token, duration: leaseDuration, seen: miss.seen, keepSeen: refresh };
    const [answer, minted] = await Promise.all([
      remote.acquire(lease),
      missing.length === 0 ? [] : remote.mint(missing.map(({ tag }) => ({ tag, token: random.token() }))),
    ]).catch((error: unknown) => {
      // The lease may have been granted although we were not told: left alone it would hold up everybody for its duration.
      ignoring(remote.release(plan.key.name, token));
      throw error;
    });
    for (const [i, state] of missing.entries())
      if (flight.open.fence.tagIntact(state)) view.generations.learn(state, minted[i] as string);
    const tokenOf = (state: TagState): string =>
      miss.generations.get(state) ?? (minted[missing.indexOf(state)] as string);
    return [answer, new Map(states.map((state) => [state.tag, tokenOf(state)]))];
  }

  async #loadStored(request: LoadRequest, claim: Claim, lease: LoadLease): Promise<Found> {
    const { writer } = this.parts;
    const { plan, flight, miss } = request;
    const { raw, loadedAt } = await runLoader(this.parts, request.plan, request.loader, request.refresh);
    const prepared = await writer.prepare(plan, raw);
    const lifetime = writer.lifetime(plan, loadedAt);
    const stamps = [...claim.tokens].map(([tag, token]) => ({ tag, token }));
    const stored = await writer.fill({ plan, lifetime, prepared, open: flight.open, lease, stamps, replaces: false });
    return this.#found(prepared.value, lifetime, { cause: miss.cause, stored });
  }

  #found(value: unknown, lifetime: Lifetime, { cause, stored }: { cause: MissCause; stored: boolean }): Found {
    return { ...lifetime, value, source: 'loader', stale: false, cause, coalesced: false, stored };
  }
}
