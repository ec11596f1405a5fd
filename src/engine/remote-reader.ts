import { decodeEnvelope, type Envelope, identityOf, type Stamp } from '../codec/envelope.js';
import type { CacheKey } from '../keys/key.js';
import { allOf, type Awaitable, whenThere } from '../primitives/awaitable.js';
import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import type { RemoteStore } from '../stores/contracts.js';
import { isOfFamily, valueOf } from './entry-value.js';
import { EVERYTHING, type TagState } from './generations.js';
import { askFor, byPlace, JoinedLooks, type Told, type Wanted } from './joined-looks.js';
import { Knowledge, type Questions } from './knowledge.js';
import type { PreviousEntry } from './load-context.js';
import type { LocalView } from './local-view.js';
import type { Consistency, MissCause } from './lookup.js';
import type { CacheObserver } from './observer.js';

/** A usable entry. */
export interface Hit {
  readonly envelope: Envelope;
  readonly value: unknown;
  readonly states: readonly TagState[];
}

/** No usable entry, and what a load of the key needs to know. */
export interface Miss {
  readonly cause: MissCause;
  /** Identity of the unusable entry, empty for none. */
  readonly seen: Buffer;
  /** The generation of each tag the entry will carry, read before its load begins; `undefined` is missing in Redis. */
  readonly generations: ReadonlyMap<TagState, string | undefined>;
  /** The token of the lease on the key, where it was asked for. */
  readonly lease: string | null;
  /** The value of the unusable entry, where it has only expired. */
  readonly previous?: PreviousEntry;
  /** When the load of the unusable entry began, where an invalidation has made it so. */
  readonly invalidatedLoad?: Milliseconds;
}

/** What a look found. */
export type Look = Hit | Miss;

/** What readers of L2 share. */
export interface RemoteReaderParts {
  readonly clock: Clock;
  readonly remote: RemoteStore;
  readonly view: LocalView;
  readonly observer: CacheObserver;
  /** Larger entries are not read. */
  readonly maxEntryBytes: number;
}

const NOTHING = Buffer.alloc(0);

/** True when an entry can be used. */
export function isHit(look: Look): look is Hit {
  return 'envelope' in look;
}

/** A stale entry that may not be served, as a miss. A load of it rests on the tags that its key has now, not on those of the entry. */
export function asExpired({ tags, family }: CacheKey, { envelope, value, states }: Hit): Miss {
  const { loadedAt, stamps, identity, payload, version } = envelope;
  const generations = new Map<TagState, string>();
  for (const [i, { tag, token }] of stamps.entries())
    if (tag === EVERYTHING || tags.includes(tag)) generations.set(states[i] as TagState, token);
  const miss: Miss = { cause: 'expired', seen: identity, generations, lease: null };
  // One that was migrated has no JSON of this version that could be stored again.
  return version === family.version ? { ...miss, previous: { value, json: payload, loadedAt, stamps } } : miss;
}

/** Reads entries from L2 and judges them: readable, of this key and version, not gone, every tag's generation still the same, the value as its schema has it. */
export class RemoteReader {
  readonly #joined: JoinedLooks;

  constructor(private readonly parts: RemoteReaderParts) {
    this.#joined = new JoinedLooks(parts);
  }

  /**
   * Looks for one key, in one round trip for all who look in this tick. A second trip only for an entry that looks
   * invalidated by what was known, or carries tags that its key does not tell. @throws RemoteStoreError
   */
  look(want: Wanted, consistency: Consistency): Promise<Look> {
    return this.#joined.ask(want, consistency, (told) => this.#verdict(want, told));
  }

  /** Looks for all of `wanted` in one round trip, as `look` does. @throws RemoteStoreError */
  async lookMany(wanted: readonly Wanted[], consistency: Consistency): Promise<readonly Look[]> {
    const told = await askFor(this.parts, wanted, consistency, 1);
    return allOf(wanted.map((want, i) => this.#verdict(want, told[i] as Told)));
  }

  /** `wanted` by the servers that would be asked for it: looked for apart, each is found although another's server is away. */
  byPlace(wanted: readonly Wanted[], consistency: Consistency): readonly (readonly Wanted[])[] {
    return byPlace(this.parts, wanted, (want) => want, consistency);
  }

  /** Judges bytes that arrived by another way (with a lease's answer). */
  async judge(want: Wanted, bytes: Buffer, consistency: Consistency): Promise<Look> {
    const knowledge = new Knowledge(this.parts.view, consistency === 'strict');
    await this.#ask(knowledge.unknownOf(want.open.states), knowledge);
    return this.#verdict(want, { bytes, lease: null, knowledge });
  }

  /** What an entry is worth, after the generations were asked for on which that would rest on hearsay. */
  #verdict(want: Wanted, told: Told): Awaitable<Look> {
    const { knowledge } = told;
    const decoded = this.#decode(want.key, told.bytes);
    const doubtful = 'stamps' in decoded ? this.#doubtful(want, decoded.stamps, knowledge) : undefined;
    if (!doubtful) return this.#judge(want, decoded, told);
    return this.#ask(knowledge.questionsFor(doubtful), knowledge).then(() => this.#judge(want, decoded, told));
  }

  /** The tags of an entry whose generation is in doubt. Every tag that it names is watched from now on. */
  #doubtful({ open }: Wanted, stamps: readonly Stamp[], knowledge: Knowledge): Set<TagState> | undefined {
    let doubtful: Set<TagState> | undefined;
    for (const [i, { tag, token }] of stamps.entries()) {
      const state = this.#stateOf(open.states, i, tag);
      open.fence.watch(state);
      if (knowledge.doubts(state, token)) (doubtful ??= new Set()).add(state);
    }
    return doubtful;
  }

  /** The state of an entry's tag. Most often an entry has the tags of its key, in their order, and nothing is searched. */
  #stateOf(needed: readonly TagState[], at: number, tag: string): TagState {
    const state = needed[at];
    return state?.tag === tag
      ? state
      : (needed.find((each) => each.tag === tag) ?? this.parts.view.generations.of(tag));
  }

  async #ask(asked: Questions, knowledge: Knowledge): Promise<void> {
    if (asked.tags.length === 0) return;
    const { generations } = await this.parts.remote.fetch({ keys: [], tags: asked.tags, leases: false });
    knowledge.take(asked, generations);
  }

  #decode(key: CacheKey, bytes: Buffer | null): Decoded {
    if (!bytes) return { cause: 'absent', seen: NOTHING };
    if (bytes.length > this.parts.maxEntryBytes) return { cause: 'unreadable', seen: identityOf(bytes) };
    const envelope = decodeEnvelope(key.name, bytes, this.parts.maxEntryBytes);
    if (typeof envelope !== 'string') return envelope;
    this.parts.observer.on({ type: 'entry.rejected', label: key.family.label, why: envelope });
    return { cause: 'unreadable', seen: identityOf(bytes) };
  }

  #judge({ key, open }: Wanted, decoded: Decoded, { knowledge, lease }: Told): Awaitable<Look> {
    const needed = open.states;
    const miss = (cause: MissCause, seen: Buffer): Miss => {
      const generations = new Map(needed.map((state) => [state, knowledge.tokenOf(state)] as const));
      return { cause, seen, generations, lease };
    };
    if (!('stamps' in decoded))
      return miss(decoded.cause === 'absent' ? this.parts.view.whyAbsent(key.name) : decoded.cause, decoded.seen);
    if (!isOfFamily(key.family, decoded.version)) return miss('version', decoded.identity);
    if (this.parts.clock.now() >= decoded.keepUntil) return miss('expired', decoded.identity);
    const states = this.#validStates(decoded.stamps, needed, knowledge);
    // That the key's fence may be broken says nothing here: an entry that Redis still had after the read began was not
    // deleted before. It is only not kept.
    if (!states) return { ...miss('invalidated', decoded.identity), invalidatedLoad: decoded.loadedAt };
    return whenThere(valueOf(this.parts, key.family, decoded), (read) =>
      'cause' in read ? miss(read.cause, decoded.identity) : { envelope: decoded, value: read.value, states },
    );
  }

  /** The states of an entry's tags, if each still has its generation and the entry carries all tags that its key has today. */
  #validStates(stamps: readonly Stamp[], needed: readonly TagState[], knowledge: Knowledge): TagState[] | undefined {
    const states: TagState[] = [];
    for (const [i, { tag, token }] of stamps.entries()) {
      const state = this.#stateOf(needed, i, tag);
      if (knowledge.tokenOf(state) !== token) return undefined;
      states.push(state);
    }
    return needed.every((state, i) => states[i] === state || states.includes(state)) ? states : undefined;
  }
}

type Decoded = Envelope | { readonly cause: MissCause; readonly seen: Buffer };
