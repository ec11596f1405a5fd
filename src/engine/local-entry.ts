import type { Stamp } from '../codec/envelope.js';
import { heapSizeOf, textSize } from '../codec/heap-size.js';
import type { KeyFamily } from '../keys/key.js';
import { PROCESS_START } from '../primitives/clock.js';
import type { Resident } from '../stores/contracts.js';
import type { TagState } from './generations.js';
import type { PreviousEntry } from './load-context.js';
import type { Lifetime } from './lifetime.js';

/** A value for L1. */
export interface Keepable extends Lifetime {
  readonly value: unknown;
  readonly family: KeyFamily;
  readonly states: readonly TagState[];
  /** The generation of each state under which it is valid. */
  readonly stamps: readonly Stamp[];
}

// An entry with its slot in the tier's Map, which is seldom full; a list of states with one slot for each.
const ENTRY_BYTES = 200;
const LIST_BYTES = 48;
const SLOT_BYTES = 8;
const PER_MILLISECOND = 1_000;

/**
 * A value in L1, with the tag states it depends on. L1 holds many of these, so they are small: instants are whole
 * milliseconds, as in the envelope, since the start of the process, and how long the load took is in microseconds. V8
 * keeps whole numbers below 2 ** 31 in the object itself, and others in a box of 16 bytes more.
 */
export class LocalEntry implements Lifetime, Resident<LocalEntry> {
  readonly value: unknown;
  /** Of the key that it was read or stored for: whose schema has made the value. */
  readonly family: KeyFamily;
  readonly states: readonly TagState[];
  /** Whether its generations are those of its states, as long as these are current. */
  readonly isExact: boolean;
  readonly bytes: number;
  visits = 0;
  isMain = false;
  older: LocalEntry | undefined = undefined;
  newer: LocalEntry | undefined = undefined;
  /** Whether anybody was served it from L1. */
  isRead = false;
  readonly #loadedAt: number;
  readonly #loadTook: number;
  readonly #freshUntil: number;
  readonly #keepUntil: number;

  constructor(
    readonly key: string,
    { value, family, stamps, loadedAt, loadTook, freshUntil, keepUntil }: Keepable,
    states: readonly TagState[],
    /** How many changes of generations this process had seen when it was kept. */
    readonly keptAfter: number,
  ) {
    this.value = value;
    this.family = family;
    this.states = states;
    this.isExact = states.every((state, i) => state.token === stamps[i]?.token);
    const held = heapSizeOf(value, family.schema && new Set());
    this.bytes = ENTRY_BYTES + LIST_BYTES + SLOT_BYTES * states.length + textSize(key) + held;
    this.#loadedAt = sinceStart(loadedAt);
    this.#loadTook = Math.round(loadTook * PER_MILLISECOND);
    this.#freshUntil = sinceStart(freshUntil);
    this.#keepUntil = sinceStart(keepUntil);
  }

  get loadedAt(): number {
    return PROCESS_START + this.#loadedAt;
  }

  get loadTook(): number {
    return this.#loadTook / PER_MILLISECOND;
  }

  get freshUntil(): number {
    return PROCESS_START + this.#freshUntil;
  }

  get keepUntil(): number {
    return PROCESS_START + this.#keepUntil;
  }

  /** Whether no tag that it carries was invalidated since it was kept. */
  get isCurrent(): boolean {
    const { states, keptAfter } = this;
    // A state that was dropped has an epoch of NaN, which is above and below nothing.
    for (let i = 0; i < states.length; i++) if (!((states[i] as TagState).epoch <= keptAfter)) return false;
    return true;
  }
}

/** The generations under which an entry that is current is valid; `undefined` when they are not known. */
export function stampsOf({ states, isExact }: LocalEntry): readonly Stamp[] | undefined {
  // A state that has not changed since the entry was kept has had no other generation, so it still tells the entry's.
  return isExact ? states.map(({ tag, token }) => ({ tag, token: token as string })) : undefined;
}

/** What a load is told of an entry that it replaces, where nothing is shared, and so no bytes are stored. */
export function previousOf(entry: LocalEntry): PreviousEntry {
  return { value: entry.value, json: '', loadedAt: entry.loadedAt, stamps: stampsOf(entry) };
}

function sinceStart(instant: number): number {
  // Without the 0 a small negative one would become -0, which has a box.
  return Math.round(instant - PROCESS_START) + 0;
}
