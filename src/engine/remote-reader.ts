import { decodeEnvelope, type Envelope, identityOf, type Stamp } from '../codec/envelope.js';
import type { CacheKey } from '../keys/key.js';
import { allOf, type Awaitable, whenThere } from '../primitives/awaitable.js';
import type { Clock } from '../primitives/clock.js';
import type { RemoteStore } from '../stores/contracts.js';
import { isOfFamily, valueOf } from './entry-value.js';
import { EVERYTHING, type TagState } from './generations.js';
import { Knowledge, type Questions } from './knowledge.js';
import type { PreviousEntry } from './load-context.js';
import type { LocalView, OpenFence } from './local-view.js';
import type { Consistency, MissCause } from './lookup.js';
import type { CacheObserver } from './observer.js';

/** A key to look for, with the fence that was opened for it. */
export interface Wanted {
  readonly key: CacheKey;
  readonly open: OpenFence;
}

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
  constructor(private readonly parts: RemoteReaderParts) {}

  /**
   * Looks for all of `wanted` in one round trip: entries, and those generations that this process does not know; in
   * strict mode every generation and the leases. A second trip only for entries that look invalidated by what was known,
   * or carry tags that their keys do not tell.
   */
  async look(wanted: readonly Wanted[], consistency: Consistency): Promise<readonly Look[]> {
    const strict = consistency === 'strict';
    const states = new Set(wanted.flatMap(({ key }) => this.parts.view.statesOf(key.tags)));
    const knowledge = new Knowledge(this.parts.view, strict);
    const asked = knowledge.unknownOf(states);
    const request = { keys: wanted.map(({ key }) => key.name), tags: asked.tags, leases: strict };
    const { entries, generations, leases } = await this.parts.remote.fetch(request);
    knowledge.take(asked, generations);
    const decoded = wanted.map(({ key }, i) => this.#decode(key, entries[i] ?? null));
    await this.#settle(wanted, decoded, knowledge);
    return allOf(
      wanted.map((want, i) => this.#judge(want, decoded[i] as Decoded, { knowledge, lease: leases[i] ?? null })),
    );
  }

  /** `wanted` by the servers that would be asked for it: looked for apart, each is found although another's server is away. */
  byPlace(wanted: readonly Wanted[], consistency: Consistency): readonly (readonly Wanted[])[] {
    const { remote, view } = this.parts;
    const names = wanted.map(({ key }) => key.name);
    const tags = wanted.flatMap(({ key }) => key.tags);
    if (remote.shardsOf(names, tags).length < 2) return [wanted];
    const knowledge = new Knowledge(view, consistency === 'strict');
    const parts = new Map<string, Wanted[]>();
    for (const want of wanted) {
      const unknown = knowledge.unknownOf(view.statesOf(want.key.tags));
      const place = remote.shardsOf([want.key.name], unknown.tags).toSorted().join(' ');
      const part = parts.get(place);
      if (part) part.push(want);
      else parts.set(place, [want]);
    }
    return [...parts.values()];
  }

  /** Judges bytes that arrived by another way (with a lease's answer). */
  async judge(want: Wanted, bytes: Buffer, consistency: Consistency): Promise<Look> {
    const knowledge = new Knowledge(this.parts.view, consistency === 'strict');
    const decoded = this.#decode(want.key, bytes);
    await this.#ask(knowledge.unknownOf(this.parts.view.statesOf(want.key.tags)), knowledge);
    await this.#settle([want], [decoded], knowledge);
    return this.#judge(want, decoded, { knowledge, lease: null });
  }

  /** Asks for the generations on which a verdict would rest on hearsay, and watches every tag that an entry names. */
  async #settle(wanted: readonly Wanted[], decoded: readonly Decoded[], knowledge: Knowledge): Promise<void> {
    const doubtful = new Set<TagState>();
    for (const [i, entry] of decoded.entries()) {
      for (const { tag, token } of 'stamps' in entry ? entry.stamps : []) {
        const state = this.parts.view.generations.of(tag);
        wanted[i]?.open.fence.watch(state);
        if (knowledge.doubts(state, token)) doubtful.add(state);
      }
    }
    await this.#ask(knowledge.questionsFor(doubtful), knowledge);
  }

  async #ask(asked: Questions, knowledge: Knowledge): Promise<void> {
    if (asked.tags.length === 0) return;
    const { generations } = await this.parts.remote.fetch({ keys: [], tags: asked.tags, leases: false });
    knowledge.take(asked, generations);
  }

  #decode(key: CacheKey, bytes: Buffer | null): Decoded {
    if (!bytes) return { cause: 'absent', seen: NOTHING };
    if (bytes.length > this.parts.maxEntryBytes) return { cause: 'unreadable', seen: identityOf(bytes) };
    const envelope = decodeEnvelope(key.name, bytes);
    if (typeof envelope !== 'string') return envelope;
    this.parts.observer.on({ type: 'entry.rejected', label: key.family.label, why: envelope });
    return { cause: 'unreadable', seen: identityOf(bytes) };
  }

  #judge({ key }: Wanted, decoded: Decoded, { knowledge, lease }: Judgement): Awaitable<Look> {
    const needed = this.parts.view.statesOf(key.tags);
    const generations = new Map(needed.map((state) => [state, knowledge.tokenOf(state)] as const));
    const miss = (cause: MissCause, seen: Buffer): Miss => ({ cause, seen, generations, lease });
    if (!('stamps' in decoded))
      return miss(decoded.cause === 'absent' ? this.parts.view.whyAbsent(key.name) : decoded.cause, decoded.seen);
    if (!isOfFamily(key.family, decoded.version)) return miss('version', decoded.identity);
    if (this.parts.clock.now() >= decoded.keepUntil) return miss('expired', decoded.identity);
    const states = this.#validStates(decoded.stamps, needed, knowledge);
    // That the key's fence may be broken says nothing here: an entry that Redis still had after the read began was not
    // deleted before. It is only not kept.
    if (!states) return miss('invalidated', decoded.identity);
    return whenThere(valueOf(this.parts, key.family, decoded), (read) =>
      'cause' in read ? miss(read.cause, decoded.identity) : { envelope: decoded, value: read.value, states },
    );
  }

  /** The states of an entry's tags, if each still has its generation and the entry carries all tags that its key has today. */
  #validStates(stamps: readonly Stamp[], needed: readonly TagState[], knowledge: Knowledge): TagState[] | undefined {
    const states = stamps.map(({ tag }) => this.parts.view.generations.of(tag));
    const same = stamps.every(({ token }, i) => knowledge.tokenOf(states[i] as TagState) === token);
    return same && needed.every((state) => states.includes(state)) ? states : undefined;
  }
}

type Decoded = Envelope | { readonly cause: MissCause; readonly seen: Buffer };

interface Judgement {
  readonly knowledge: Knowledge;
  readonly lease: string | null;
}
