import type { CacheKey } from '../keys/key.js';
import type { Clock } from '../primitives/clock.js';
import { RemoteStoreError } from '../stores/contracts.js';
import type { LocalView, OpenFence } from './local-view.js';
import type { Consistency, Found, NotFound, ReadPlan } from './lookup.js';
import type { Wanted } from './joined-looks.js';
import { asExpired, type Hit, isHit, type Look, type RemoteReader } from './remote-reader.js';

/** What looks are made with. */
export interface LooksParts {
  readonly clock: Clock;
  readonly view: LocalView;
  readonly reader: RemoteReader;
}

/** How readers look at L2: behind a fence, and with an answer also while Redis is away. */
export class Looks {
  constructor(private readonly parts: LooksParts) {}

  /** A fence for a fetch or load of `key`; whoever opens it closes it. */
  openFence(key: CacheKey): OpenFence {
    const { view } = this.parts;
    return view.openFence(key.name, view.statesOf(key.tags));
  }

  /** What L2 says, or `undefined` while Redis is away. A stale entry that may not be served is a miss of cause `expired`. */
  async at(want: Wanted, { consistency }: ReadPlan, acceptStale: boolean): Promise<Look | undefined> {
    try {
      const look = await this.parts.reader.look(want, consistency);
      if (!isHit(look) || acceptStale || this.parts.clock.now() < look.envelope.freshUntil) return look;
      return asExpired(want.key, look);
    } catch (error) {
      return whileAway(error);
    }
  }

  /** The same behind a fence of its own. What it finds is not kept in L1. */
  async once(plan: ReadPlan): Promise<Look | undefined> {
    const open = this.openFence(plan.key);
    try {
      return await this.at({ key: plan.key, open }, plan, plan.policy.grace > 0);
    } finally {
      this.parts.view.closeFence(open);
    }
  }

  /** The fresh value of a key, which is kept in L1 and given to `serve`. Never rejects because of Redis. */
  async fresh(key: CacheKey, consistency: Consistency, serve: (hit: Hit) => Found): Promise<Found | NotFound> {
    const want = { key, open: this.openFence(key) };
    try {
      return this.#freshOnly(want, await this.parts.reader.look(want, consistency), serve);
    } catch (error) {
      return this.#freshOnly(want, whileAway(error), serve);
    } finally {
      this.parts.view.closeFence(want.open);
    }
  }

  /**
   * Looks for many keys in one round trip: the fresh values are kept in L1 and given to `serve`. Never rejects because of Redis:
   * a key is `degraded` where a server that is asked for it is away, whatever becomes of the others.
   */
  async many(
    keys: readonly CacheKey[],
    consistency: Consistency,
    serve: (hit: Hit) => Found,
  ): Promise<(Found | NotFound)[]> {
    const wanted = keys.map((key) => ({ key, open: this.openFence(key) }));
    const results = new Map<Wanted, Found | NotFound>();
    const lookAt = async (part: readonly Wanted[]): Promise<void> => {
      const looks = await this.#lookAt(part, consistency);
      for (const [i, want] of part.entries()) results.set(want, this.#freshOnly(want, looks?.[i], serve));
    };
    try {
      await Promise.all(this.parts.reader.byPlace(wanted, consistency).map(lookAt));
      return wanted.map((want) => results.get(want) as Found | NotFound);
    } finally {
      for (const { open } of wanted) this.parts.view.closeFence(open);
    }
  }

  async #lookAt(wanted: readonly Wanted[], consistency: Consistency): Promise<readonly Look[] | undefined> {
    try {
      return await this.parts.reader.lookMany(wanted, consistency);
    } catch (error) {
      if (error instanceof RemoteStoreError) return undefined;
      throw error;
    }
  }

  #freshOnly(want: Wanted, look: Look | undefined, serve: (hit: Hit) => Found): Found | NotFound {
    if (!look) return { cause: 'degraded' };
    if (!isHit(look)) return { cause: look.cause };
    this.keep(want, look);
    const found = serve(look);
    return found.stale ? { cause: 'expired' } : found;
  }

  /** Keeps what was found in L1, if its fence is intact. */
  keep({ key, open }: Wanted, { envelope, value, states }: Hit): void {
    const { loadedAt, loadTook, freshUntil, keepUntil, stamps } = envelope;
    const { family } = key;
    this.parts.view.keep(open, { value, family, states, stamps, loadedAt, loadTook, freshUntil, keepUntil });
  }
}

/** That Redis is away is no error of a look. */
function whileAway(error: unknown): Look | undefined {
  if (error instanceof RemoteStoreError) return undefined;
  throw error;
}
