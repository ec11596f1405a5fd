import type { NamedCache } from '../../cache/caches.js';
import type { StoredEntry } from '../../engine/inventory.js';
import { withDeadline } from '../../primitives/deadline.js';
import type { Milliseconds } from '../../primitives/units.js';
import { RemoteStoreError } from '../../stores/contracts.js';
import type { KeysPage } from '../contract.js';
import { Refused } from '../problems.js';
import { residentEntries } from './resident-entries.js';

/** What is asked for, checked. */
export interface PageWish {
  readonly pattern: string | undefined;
  readonly limit: number;
  readonly after: string | undefined;
}

/** A walk over the keys of one cache that waits to be gone on with. */
interface Walk {
  readonly cache: NamedCache;
  readonly source: KeysPage['source'];
  readonly steps: AsyncIterator<readonly StoredEntry[]>;
  /** Found and not told yet. */
  rest: readonly StoredEntry[];
  /** A step that took longer than its page could wait. */
  pending: Promise<IteratorResult<readonly StoredEntry[], unknown>> | undefined;
}

/** A walk that nobody goes on with holds nothing in Redis, and here only what it has found: so no timer ends it. */
const MOST_WALKS = 8;
const LONGEST_PAGE: Milliseconds = 1_000;

/** Walks over keys, a page at a time. Each page names where the next begins; that is good for one request, to this instance. */
export class KeyWalks {
  readonly #walks = new Map<string, Walk>();

  /**
   * At most a second's worth of keys. With Redis away at the beginning those in memory; later it is told.
   * @throws InvalidKeyError for a pattern, RemoteStoreError, Refused for a walk that was forgotten
   */
  async page(cache: NamedCache, { pattern, limit, after }: PageWish): Promise<KeysPage> {
    const walk = after === undefined ? walkOf(cache, pattern) : this.#resumed(cache, after);
    try {
      return await this.#pageOf(walk, limit);
    } catch (error) {
      const isFirst = after === undefined && error instanceof RemoteStoreError;
      if (!isFirst || walk.source === 'memory') throw error;
      return this.#pageOf(memoryWalk(cache, pattern), limit);
    }
  }

  async #pageOf(walk: Walk, limit: number): Promise<KeysPage> {
    const isDone = await fill(walk, limit);
    const entries = walk.rest.slice(0, limit);
    walk.rest = walk.rest.slice(limit);
    const next = isDone && walk.rest.length === 0 ? null : this.#kept(walk);
    return { entries, next, source: walk.source };
  }

  #resumed(cache: NamedCache, after: string): Walk {
    const walk = this.#walks.get(after);
    this.#walks.delete(after);
    if (walk?.cache === cache) return walk;
    const message = 'Where this page begins is not known any more, or to another instance: begin again.';
    throw new Refused(410, 'WALK_FORGOTTEN', message);
  }

  #kept(walk: Walk): string {
    const token = walk.cache.runtime.random.token();
    this.#walks.set(token, walk);
    const [oldest] = this.#walks.keys();
    if (this.#walks.size > MOST_WALKS && oldest !== undefined) this.#walks.delete(oldest);
    return token;
  }
}

function walkOf(cache: NamedCache, pattern: string | undefined): Walk {
  const { connection, store } = cache.runtime;
  if (!connection || !store.isAvailable) return memoryWalk(cache, pattern);
  const steps = cache.service.entries(pattern)[Symbol.asyncIterator]();
  return { cache, source: 'redis', steps, rest: [], pending: undefined };
}

function memoryWalk(cache: NamedCache, pattern: string | undefined): Walk {
  const { view, clock } = cache.runtime;
  const steps = residentEntries(view, pattern, () => clock.now());
  return { cache, source: 'memory', steps, rest: [], pending: undefined };
}

/** Goes on until there is a page, or no time left for it; says whether the walk has ended. */
async function fill(walk: Walk, limit: number): Promise<boolean> {
  const { clock } = walk.cache.runtime;
  const until = clock.now() + LONGEST_PAGE;
  while (walk.rest.length < limit) {
    const left = until - clock.now();
    if (left <= 0) return false;
    const step = (walk.pending ??= begun(walk));
    const isLate = new Error('the page is told without it');
    const result = await withDeadline(clock, left, step, () => isLate).catch((error: unknown) => {
      if (error !== isLate) throw error;
    });
    if (!result) return false;
    walk.pending = undefined;
    if (result.done) return true;
    walk.rest = [...walk.rest, ...result.value];
  }
  return false;
}

function begun({ steps }: Walk): NonNullable<Walk['pending']> {
  const step = steps.next();
  // Whoever comes for it hears of it; nobody may.
  step.catch(() => undefined);
  return step;
}
