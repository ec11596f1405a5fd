import type { Stamp } from '../codec/envelope.js';
import type { KeyFamily } from '../keys/key.js';
import { KeyPattern } from '../keys/pattern.js';
import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import type { MemoryStore } from '../stores/contracts.js';
import type { CoherenceLease } from './coherence-lease.js';
import { Fence, type KeyMark, KeyMarks } from './fence.js';
import { EVERYTHING, Generations, type TagState } from './generations.js';
import type { MissCause } from './lookup.js';
import { RememberedKeys } from './remembered-keys.js';
import type { InvalidationRecord } from './invalidation-record.js';
import type { Lifetime } from './lifetime.js';

/** A value in L1, with the tag states it depends on and their epochs when it was kept. */
export interface LocalEntry extends Lifetime {
  readonly value: unknown;
  /** Of the key that it was read or stored for: whose schema has made the value. */
  readonly family: KeyFamily;
  readonly states: readonly TagState[];
  readonly epochs: readonly number[];
  readonly bytes: number;
  /** Whether its generations are those of its states, as long as their epochs are. */
  readonly isExact: boolean;
  /** Whether anybody was served it from L1. */
  isRead: boolean;
}

/** A value for L1. */
export interface Keepable extends Lifetime {
  readonly value: unknown;
  readonly family: KeyFamily;
  readonly states: readonly TagState[];
  /** The generation of each state under which it is valid. */
  readonly stamps: readonly Stamp[];
  /** Characters of its JSON. */
  readonly payloadLength: number;
}

// Beyond its payload an L1 entry holds its key, its list of states and the slots of two maps.
const LOCAL_OVERHEAD_BYTES = 200;

const MAX_REMEMBERED = 20_000;

/** A fence and what it was taken for; to be given back. */
export interface OpenFence {
  readonly fence: Fence;
  readonly key: string;
  readonly mark: KeyMark;
}

/** What a view is made of. */
export interface LocalViewParts {
  readonly clock: Clock;
  readonly memory: MemoryStore<LocalEntry>;
  readonly lease: CoherenceLease;
  readonly maxTags: number;
}

/** All that this process knows without asking: L1, the generations, and which fetches are under way. */
export class LocalView {
  readonly generations: Generations;
  readonly lease: CoherenceLease;
  readonly memory: MemoryStore<LocalEntry>;
  readonly #clock: Clock;
  readonly #marks = new KeyMarks();
  readonly #remembered = new RememberedKeys(MAX_REMEMBERED);

  constructor({ clock, memory, lease, maxTags }: LocalViewParts) {
    this.#clock = clock;
    this.memory = memory;
    this.lease = lease;
    this.generations = new Generations(maxTags);
  }

  /** The entry under `key` if it may be used, fresh or stale. */
  peek(key: string, now: Milliseconds): LocalEntry | undefined {
    const entry = this.memory.get(key);
    if (entry === undefined || !this.lease.holds(now)) return undefined;
    if (now < entry.keepUntil && isCurrent(entry)) {
      entry.isRead = true;
      return entry;
    }
    this.memory.delete(key);
    return undefined;
  }

  /** Why Redis has nothing under `key`, as far as this process remembers. */
  whyAbsent(key: string): MissCause {
    return this.#remembered.whyAbsent(key, this.#clock.now());
  }

  /** The generation of a tag, if it need not be asked for. */
  known(state: TagState): string | undefined {
    return this.lease.holds(this.#clock.now()) ? state.token : undefined;
  }

  /** The states of `tags` and of the tag that all entries carry. */
  statesOf(tags: readonly string[]): TagState[] {
    return [...tags, EVERYTHING].map((tag) => this.generations.of(tag));
  }

  openFence(key: string, states: readonly TagState[]): OpenFence {
    const mark = this.#marks.take(key);
    return { fence: new Fence(mark, states), key, mark };
  }

  closeFence({ key, mark }: OpenFence): void {
    this.#marks.give(key, mark);
  }

  /** Keeps a value in L1, if nothing that concerns it was invalidated since its fence was opened. */
  keep(open: OpenFence, value: Keepable): void {
    if (!open.fence.intact || this.#clock.now() >= value.keepUntil) return;
    const { payloadLength, stamps, ...rest } = value;
    const bytes = payloadLength + open.key.length + LOCAL_OVERHEAD_BYTES;
    const epochs = rest.states.map((state) => state.epoch);
    const isExact = rest.states.every((state, i) => state.token === stamps[i]?.token);
    const entry = { ...rest, bytes, epochs, isExact, isRead: false };
    this.memory.set(open.key, entry);
    this.#remembered.remember(open.key, entry);
  }

  /**
   * Keeps a value that was set. Whatever another reader has put into L1 since the set began is older and goes, also when
   * the set's own fence is broken and its value cannot be kept.
   */
  replace(open: OpenFence, value: Keepable): void {
    const isIntact = open.fence.intact;
    this.keep(open, value);
    if (!isIntact) this.drop(open.key);
    else this.#marks.break(open.key);
  }

  /** Applies an invalidation: of this process before and after it is sent, of others when the ledger tells. */
  apply({
    tags,
    keys,
    patterns,
  }: Pick<InvalidationRecord, 'keys' | 'patterns'> & { readonly tags: readonly KnownChange[] }): void {
    for (const { tag, token } of tags) this.generations.change(tag, token);
    for (const { name } of keys) this.drop(name);
    for (const { name } of patterns) this.#dropMatching(KeyPattern.parse(name));
  }

  /** Forgets one key and marks what is under way for it. Returns whether it was in L1. */
  drop(key: string): boolean {
    this.#marks.break(key);
    this.#remembered.invalidated(key);
    return this.memory.delete(key);
  }

  /** Something was missed: nothing local may be used again, nor anything that is being fetched. */
  forget(): void {
    this.memory.clear();
    this.generations.forgetAll();
    this.#remembered.rebase();
    this.#marks.breakWhere(() => true);
  }

  #dropMatching(pattern: KeyPattern): void {
    this.#marks.breakWhere((key) => pattern.matches(key));
    this.#remembered.invalidatedWhere((key) => pattern.matches(key));
    for (const key of [...this.memory.keys()]) if (pattern.matches(key)) this.memory.delete(key);
  }
}

/** A tag that was invalidated, with its new generation where that is known already. */
export interface KnownChange {
  readonly tag: string;
  readonly token?: string | undefined;
}

/** The generations under which an entry that is current is valid; `undefined` when they are not known. */
export function stampsOf({ states, isExact }: LocalEntry): readonly Stamp[] | undefined {
  // A state whose epoch is that of the entry has had no other generation since, so it still tells the entry's.
  return isExact ? states.map(({ tag, token }) => ({ tag, token: token as string })) : undefined;
}

function isCurrent({ states, epochs }: LocalEntry): boolean {
  for (let i = 0; i < states.length; i++) if ((states[i] as TagState).epoch !== epochs[i]) return false;
  return true;
}
