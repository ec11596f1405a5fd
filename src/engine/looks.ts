import type { CacheKey } from '../keys/key.js';
import type { Clock } from '../primitives/clock.js';
import { RemoteStoreError } from '../stores/contracts.js';
import type { LocalView, OpenFence } from './local-view.js';
import type { Consistency, Found, NotFound, ReadPlan } from './lookup.js';
import { asExpired, type Hit, isHit, type Look, type RemoteReader, type Wanted } from './remote-reader.js';

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
      const [look] = await this.parts.reader.look([want], consistency);
      if (!look || !isHit(look) || acceptStale || this.parts.clock.now() < look.envelope.freshUntil) return look;
      return asExpired(look);
    } catch (error) {
      if (error instanceof RemoteStoreError) return undefined;
      throw error;
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

  /** Looks for many keys in one round trip: the fresh values are kept in L1 and given to `serve`. Never rejects because of Redis. */
  async many(
    keys: readonly CacheKey[],
    consistency: Consistency,
    serve: (hit: Hit) => Found,
  ): Promise<(Found | NotFound)[]> {
    const wanted = keys.map((key) => ({ key, open: this.openFence(key) }));
    const freshOnly = (look: Look, i: number): Found | NotFound => {
      if (!isHit(look)) return { cause: look.cause };
      this.keep(wanted[i] as Wanted, look);
      const found = serve(look);
      return found.stale ? { cause: 'expired' } : found;
    };
    try {
      return (await this.parts.reader.look(wanted, consistency)).map(freshOnly);
    } catch (error) {
      if (error instanceof RemoteStoreError) return keys.map(() => ({ cause: 'degraded' }));
      throw error;
    } finally {
      for (const { open } of wanted) this.parts.view.closeFence(open);
    }
  }

  /** Keeps what was found in L1, if its fence is intact. */
  keep({ open }: Wanted, { envelope, value, states }: Hit): void {
    const { loadedAt, loadTook, freshUntil, keepUntil } = envelope;
    const lifetime = { loadedAt, loadTook, freshUntil, keepUntil };
    this.parts.view.keep(open, { ...lifetime, value, states });
  }
}
