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
import { type Keepable, LocalEntry } from './local-entry.js';

const MAX_REMEMBERED = 20_000;

/** A fence and what it was taken for; to be given back. */
export interface OpenFence {
  readonly fence: Fence;
  readonly key: string;
  readonly mark: KeyMark;
  /** Those of the tags that it was taken for, which a value may have more of. */
  readonly states: readonly TagState[];
}

/** Hears which keys are invalidated by themselves or by pattern, or set, by whichever instance; of tags their states tell. */
export interface KeyWatcher {
  invalidated(key: string): void;
  invalidatedWhere(matches: (key: string) => boolean): void;
  /** Some of it was missed. */
  forgotten(): void;
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
  /** One list for all entries that carry no tag but the common one. */
  readonly #untagged: readonly TagState[];
  readonly #remembered = new RememberedKeys(MAX_REMEMBERED);
  #broadChanges = 0;
  #watcher: KeyWatcher | undefined;

  constructor({ clock, memory, lease, maxTags }: LocalViewParts) {
    this.#clock = clock;
    this.memory = memory;
    this.lease = lease;
    this.generations = new Generations(maxTags);
    this.#untagged = this.statesOf([]);
    memory.onGone(({ states }) => {
      this.generations.release(states);
    });
  }

  /** One watcher hears of keys from now on. */
  watchKeys(watcher: KeyWatcher): void {
    this.#watcher = watcher;
  }

  /** The entry under `key` if it may be used, fresh or stale. */
  peek(key: string, now: Milliseconds): LocalEntry | undefined {
    const entry = this.memory.get(key);
    if (entry === undefined || !this.lease.holds(now)) return undefined;
    if (now < entry.keepUntil && entry.isCurrent) {
      entry.isRead = true;
      return entry;
    }
    this.memory.delete(key);
    return undefined;
  }

  /** How often something was invalidated that may be many entries: by tag, by pattern, or everything. */
  get broadChanges(): number {
    return this.#broadChanges;
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
    const states = tags.map((tag) => this.generations.of(tag));
    states.push(this.generations.of(EVERYTHING));
    return states;
  }

  openFence(key: string, states: readonly TagState[]): OpenFence {
    const mark = this.#marks.take(key);
    return { fence: new Fence(mark, states), key, mark, states };
  }

  closeFence({ key, mark }: OpenFence): void {
    this.#marks.give(key, mark);
  }

  /** Keeps a value in L1, if nothing that concerns it was invalidated since its fence was opened; says whether. */
  keep(open: OpenFence, value: Keepable): boolean {
    if (!open.fence.intact || this.#clock.now() >= value.keepUntil) return false;
    const isUntagged = value.states.length === 1 && value.states[0] === this.#untagged[0];
    const states = isUntagged ? this.#untagged : value.states;
    const keptAfter = this.generations.changes;
    this.#remembered.remember(open.key, { keepUntil: value.keepUntil, states, keptAfter });
    this.generations.hold(states);
    // Of what is not kept nothing is measured, which takes longer than all the rest.
    if (this.memory.isOff) this.generations.release(states);
    else this.memory.set(new LocalEntry(open.key, value, states, keptAfter));
    return true;
  }

  /**
   * Keeps a value that was set. Whatever another reader has put into L1 since the set began is older and goes, also when
   * the set's own fence is broken and its value cannot be kept.
   */
  replace(open: OpenFence, value: Keepable): void {
    if (this.keep(open, value)) this.#marks.break(open.key);
    else this.drop(open.key);
  }

  /** Applies an invalidation: of this process before and after it is sent, of others when the ledger tells. */
  apply({
    tags,
    keys,
    patterns,
  }: Pick<InvalidationRecord, 'keys' | 'patterns'> & { readonly tags: readonly KnownChange[] }): void {
    if (tags.length + patterns.length > 0) this.#broadChanges += 1;
    for (const { tag, token } of tags) this.generations.change(tag, token);
    for (const { name } of keys) this.drop(name);
    for (const { name } of patterns) this.#dropMatching(KeyPattern.parse(name));
  }

  /** Forgets one key and marks what is under way for it. Returns whether it was in L1. */
  drop(key: string): boolean {
    this.#marks.break(key);
    this.#remembered.invalidated(key);
    this.#watcher?.invalidated(key);
    return this.memory.delete(key);
  }

  /** Something was missed: nothing local may be used again, nor anything that is being fetched. */
  forget(): void {
    this.#broadChanges += 1;
    this.memory.clear();
    this.generations.forgetAll();
    this.#remembered.rebase(this.generations.changes);
    this.#marks.breakWhere(() => true);
    this.#watcher?.forgotten();
  }

  #dropMatching(pattern: KeyPattern): void {
    this.#marks.breakWhere((key) => pattern.matches(key));
    this.#remembered.invalidatedWhere((key) => pattern.matches(key));
    this.#watcher?.invalidatedWhere((key) => pattern.matches(key));
    for (const key of [...this.memory.keys()]) if (pattern.matches(key)) this.memory.delete(key);
  }
}

/** A tag that was invalidated, with its new generation where that is known already. */
export interface KnownChange {
  readonly tag: string;
  readonly token?: string | undefined;
}
