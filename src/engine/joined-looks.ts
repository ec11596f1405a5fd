import type { CacheKey } from '../keys/key.js';
import type { Awaitable } from '../primitives/awaitable.js';
import { type RemoteStore, RemoteStoreError } from '../stores/contracts.js';
import type { TagState } from './generations.js';
import { Knowledge } from './knowledge.js';
import type { LocalView, OpenFence } from './local-view.js';
import type { Consistency } from './lookup.js';

/** A key to look for, with the fence that was opened for it. */
export interface Wanted {
  readonly key: CacheKey;
  readonly open: OpenFence;
}

/** What Redis has of a key, and the generations that the read relies on. */
export interface Told {
  readonly bytes: Buffer | null;
  /** The token of the lease on the key, where it was asked for. */
  readonly lease: string | null;
  readonly knowledge: Knowledge;
}

/** What it takes to ask Redis for keys. */
export interface AskingParts {
  readonly remote: RemoteStore;
  readonly view: LocalView;
}

interface Asker {
  readonly want: Wanted;
  readonly tell: (told: Told) => void;
  readonly reject: (error: unknown) => void;
}

/** What stands before a command is paid once for so many, and more save nothing. */
const MOST_JOINED = 64;

/**
 * Asks for the keys of all who look in one tick together: one fetch, one passage of what guards the store, one list of the
 * generations that are not known. Each judges what it is told by itself, so that none waits for another's schema.
 */
export class JoinedLooks {
  #askers: Readonly<Record<Consistency, Asker[]>> | undefined;
  #most = MOST_JOINED;

  constructor(private readonly parts: AskingParts) {}

  /** What `judge` makes of what Redis has of one key, read after this call. @throws RemoteStoreError */
  ask<T>(want: Wanted, consistency: Consistency, judge: (told: Told) => Awaitable<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#askers) this.#schedule();
      this.#askers ??= { default: [], strict: [] };
      const tell = (told: Told): void => {
        try {
          resolve(judge(told));
        } catch (error) {
          // Thrown on, it would be told to all who were joined.
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what was thrown
          reject(error);
        }
      };
      this.#askers[consistency].push({ want, tell, reject });
    });
  }

  /**
   * Of several servers the answers come at about one time, and whoever got one looks again: sent at once, that would be a
   * write to each server for each answer, and three times as much work.
   */
  #schedule(): void {
    if (this.parts.remote.shards.length > 1) setImmediate(() => this.#send());
    else process.nextTick(() => this.#send());
  }

  #send(): void {
    const { default: byDefault = [], strict = [] } = this.#askers ?? {};
    this.#askers = undefined;
    this.#sendThose(byDefault, 'default');
    this.#sendThose(strict, 'strict');
  }

  #sendThose(askers: readonly Asker[], consistency: Consistency): void {
    try {
      for (const part of byPlace(this.parts, askers, ({ want }) => want, consistency))
        for (let from = 0; from < part.length; from += this.#most)
          void this.#tell(part.slice(from, from + this.#most), consistency);
    } catch (error) {
      for (const { reject } of askers) reject(error);
    }
  }

  async #tell(askers: readonly Asker[], consistency: Consistency): Promise<void> {
    try {
      const wanted = askers.map(({ want }) => want);
      const told = await askFor(this.parts, wanted, consistency, askers.length);
      this.#most = MOST_JOINED;
      for (const [i, { tell }] of askers.entries()) tell(told[i] as Told);
    } catch (error) {
      if (askers.length > 1 && isTooMany(error)) return this.#tellHalves(askers, consistency);
      // From now on each goes alone, until one succeeds: of a server that is sick one reader waits for a probe, not 64.
      this.#most = 1;
      for (const { reject } of askers) reject(error);
    }
  }

  /** Nothing was sent. For some of them there may be room. */
  async #tellHalves(askers: readonly Asker[], consistency: Consistency): Promise<void> {
    const half = Math.ceil(askers.length / 2);
    await Promise.all([askers.slice(0, half), askers.slice(half)].map((part) => this.#tell(part, consistency)));
  }
}

/**
 * What Redis has of keys, asked for in one round trip: entries, and those generations that this process does not know; in
 * strict mode every generation and the leases. @throws RemoteStoreError
 */
export async function askFor(
  { remote, view }: AskingParts,
  wanted: readonly Wanted[],
  consistency: Consistency,
  reads: number,
): Promise<readonly Told[]> {
  const strict = consistency === 'strict';
  const states = new Set<TagState>();
  for (const { open } of wanted) for (const state of open.states) states.add(state);
  const knowledge = new Knowledge(view, strict);
  const asked = knowledge.unknownOf(states);
  const keys = wanted.map(({ key }) => key.name);
  const { entries, generations, leases } = await remote.fetch({ keys, tags: asked.tags, leases: strict, reads });
  knowledge.take(asked, generations);
  return keys.map((_, i) => ({ bytes: entries[i] ?? null, lease: leases[i] ?? null, knowledge }));
}

/** `items` by the servers that would be asked for what each wants: asked for apart, each is found although another's server is away. */
export function byPlace<T>(
  { remote, view }: AskingParts,
  items: readonly T[],
  wantOf: (item: T) => Wanted,
  consistency: Consistency,
): readonly (readonly T[])[] {
  if (remote.shards.length < 2) return [items];
  const strict = consistency === 'strict';
  const parts = new Map<string, T[]>();
  for (const item of items) {
    const { key, open } = wantOf(item);
    const unknown = strict ? open.states : open.states.filter((state) => view.known(state) === undefined);
    const shards = remote.shardsOf([key.name], unknown.map(tagOf));
    const place = shards.length === 1 ? (shards[0] as string) : shards.toSorted().join(' ');
    const part = parts.get(place);
    if (part) part.push(item);
    else parts.set(place, [item]);
  }
  return [...parts.values()];
}

function tagOf({ tag }: TagState): string {
  return tag;
}

function isTooMany(error: unknown): boolean {
  return error instanceof RemoteStoreError && error.failure === 'overloaded';
}
