import { encodeEnvelope, type Stamp } from '../codec/envelope.js';
import { serialize, ValueNotSerializableError } from '../codec/json.js';
import type { CacheKey } from '../keys/key.js';
import type { LoadPolicy } from '../keys/load-policy.js';
import { type Awaitable, whenThere } from '../primitives/awaitable.js';
import type { Clock } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import { type RemoteStore, RemoteStoreError } from '../stores/contracts.js';
import type { LoadLease } from './load-lease.js';
import type { Lifetime } from './lifetime.js';
import type { LocalView, OpenFence } from './local-view.js';
import type { ReadPlan } from './lookup.js';
import type { CacheObserver } from './observer.js';
import { InvalidValueError, isRefusal, type Shaped, shapeOf, tellRefusal, validated } from './value-shape.js';

/** What is needed to store entries. */
export interface EntryWriterParts {
  readonly clock: Clock;
  readonly remote: RemoteStore;
  readonly view: LocalView;
  readonly observer: CacheObserver;
  readonly random: Random;
  /** How long entries stay fresh where no call says. */
  readonly ttlOf: (key: CacheKey, policy: LoadPolicy) => Milliseconds;
  /** Share of a TTL by which it is shortened at most, by chance. */
  readonly ttlJitter: number;
  /** Larger entries are not stored. */
  readonly maxEntryBytes: number;
  /** Values whose JSON has more characters are compressed. */
  readonly compressAbove: number;
}

/** A value made ready to be stored and served. */
export interface Prepared {
  /** What callers get: the value as JSON tells it and the schema has it, frozen; the value itself where JSON cannot hold it. */
  readonly value: unknown;
  /** Its JSON, or `undefined` when it is not to be stored. */
  readonly payload: string | undefined;
}

/** An entry with the right to store it. */
export interface Filled {
  readonly plan: ReadPlan;
  readonly lifetime: Lifetime;
  readonly prepared: Prepared;
  readonly open: OpenFence;
  readonly lease: LoadLease;
  /** The generation of each tag as read before the load began. */
  readonly stamps: readonly Stamp[];
  /** Whether it takes the place of what L1 has by now: a set does, a load does not. */
  readonly replaces: boolean;
}

/** Stores loaded and set values: in L2 under their lease, then in L1. */
export class EntryWriter {
  constructor(private readonly parts: EntryWriterParts) {}

  /**
   * The life of a value whose load began at `loadedAt` and has just ended. Its TTL is shortened by chance, never
   * lengthened: values that were stored together must not expire together.
   */
  lifetime({ key, ttl, policy }: ReadPlan, loadedAt: Milliseconds): Lifetime {
    const { clock, random, ttlOf, ttlJitter } = this.parts;
    const freshUntil = loadedAt + (ttl ?? ttlOf(key, policy)) * (1 - ttlJitter * random.fraction());
    return { loadedAt, loadTook: clock.now() - loadedAt, freshUntil, keepUntil: freshUntil + policy.grace };
  }

  /**
   * Makes a loaded value ready. One that JSON cannot hold, or of `undefined`, is served and not stored; it has passed the
   * schema all the same. @throws InvalidValueError
   */
  prepare({ key }: ReadPlan, value: unknown): Awaitable<Prepared> {
    const payload = this.#jsonOf(key, value);
    if (payload !== undefined) return this.shaped(key, payload, 'loader');
    const { schema } = key.family;
    if (!schema) return { value, payload };
    return whenThere(validated(this.parts.clock, schema, value), (shaped) => ({
      value: this.#fitting(key, shaped, 'loader'),
      payload,
    }));
  }

  /** The JSON of a value with what readers will get for it. @throws InvalidValueError */
  shaped(key: CacheKey, payload: string, origin: 'loader' | 'set'): Awaitable<Prepared> {
    return whenThere(shapeOf(this.parts, key.family, payload), (shaped) => ({
      value: this.#fitting(key, shaped, origin),
      payload,
    }));
  }

  #fitting({ family }: CacheKey, shaped: Shaped, origin: 'loader' | 'set'): unknown {
    if (!isRefusal(shaped)) return shaped.value;
    tellRefusal(this.parts, family, origin, shaped);
    throw new InvalidValueError(family.label, origin, shaped);
  }

  #jsonOf({ name, family }: CacheKey, value: unknown): string | undefined {
    try {
      return serialize(name, value);
    } catch (error) {
      if (!(error instanceof ValueNotSerializableError)) throw error;
      this.parts.observer.on({ type: 'value.not-stored', label: family.label, why: 'not-serializable' });
      return undefined;
    }
  }

  /** Fills L2, if the lease still holds, then L1. Says whether the value is stored; never throws because of Redis. */
  async fill(filled: Filled): Promise<boolean> {
    const bytes = this.#encode(filled);
    const keepFor = Math.floor(filled.lifetime.keepUntil - this.parts.clock.now());
    if (!bytes || keepFor < 1) return false;
    const stored = await this.#send(filled, bytes, keepFor);
    if (stored) this.#keep(filled);
    return stored;
  }

  #encode({ plan, lifetime, prepared, stamps }: Filled): Buffer | undefined {
    if (prepared.payload === undefined) return undefined;
    const { name: key, family } = plan.key;
    const { version } = family;
    const { loadedAt, loadTook, freshUntil, keepUntil } = lifetime;
    const head = { key, version, loadedAt, loadTook, freshUntil, keepUntil, stamps };
    const { maxEntryBytes, compressAbove } = this.parts;
    // Before it is compressed: readers refuse what would become more.
    const isSmall = prepared.payload.length <= compressAbove || Buffer.byteLength(prepared.payload) <= maxEntryBytes;
    const bytes = isSmall ? encodeEnvelope(head, prepared.payload, { compressAbove }) : undefined;
    if (bytes && bytes.length <= maxEntryBytes) return bytes;
    this.parts.observer.on({ type: 'value.not-stored', label: family.label, why: 'too-large' });
    return undefined;
  }

  async #send({ plan, lease }: Filled, bytes: Buffer, keepFor: Milliseconds): Promise<boolean> {
    try {
      const [stored] = await this.parts.remote.fill([{ key: plan.key.name, token: lease.token, bytes, keepFor }]);
      lease.spent = true;
      if (!stored)
        this.parts.observer.on({ type: 'value.not-stored', label: plan.key.family.label, why: 'invalidated' });
      return stored === true;
    } catch (error) {
      if (!(error instanceof RemoteStoreError)) throw error;
      this.parts.observer.on({ type: 'value.not-stored', label: plan.key.family.label, why: 'degraded' });
      return false;
    }
  }

  #keep({ plan, open, lifetime, prepared, stamps, replaces }: Filled): void {
    const { view } = this.parts;
    const states = stamps.map(({ tag }) => view.generations.of(tag));
    const { loadedAt, loadTook, freshUntil, keepUntil } = lifetime;
    const { family } = plan.key;
    // Each by its name, here and above: spread, they were a tenth of what a set costs here.
    const kept = { value: prepared.value, family, states, stamps, loadedAt, loadTook, freshUntil, keepUntil };
    if (replaces) view.replace(open, kept);
    else view.keep(open, kept);
  }
}
