/*
 * Renewals: how it is found, on loads that are made anyway, for how long a value has stayed right.
 *
 * A load that is stored is compared with what it replaces, by the JSON of both. Where the older entry has only expired and is
 * within its grace, or is refreshed before it expires, its JSON is there already. Where it is gone, its checksum is known for
 * a sample of the keys, in this process: the keys whose names have the smallest hashes, so the same ones for all
 * instances, and however many keys there are, those of the sample are met again.
 *
 * What came between two loads of a key decides what their comparison tells:
 *   - nothing: the value is the same, or has changed and nobody said so
 *   - an invalidation of a tag: the generations under which the two were loaded differ, or the entry was found unusable
 *   - an invalidation of the key, a set, or one of a pattern: this process was told, and has noted when
 *   - loads by other instances: the sample's value is older than the one replaced, which is an observation as good
 *   - tags that became known late: not told of by the key, so such a value is not remembered
 *   - a gap in the ledger: all that was remembered is forgotten
 *   - a property that the source gives in another order: counts as changed, as its bytes have
 */
import { crc32 } from 'node:zlib';
import type { Stamp } from '../codec/envelope.js';
import { textHash } from '../primitives/text-hash.js';
import type { Milliseconds } from '../primitives/units.js';
import type { Clock } from '../primitives/clock.js';
import type { PreviousEntry } from './load-context.js';
import type { Lifetime } from './lifetime.js';
import type { KeyWatcher } from './local-view.js';
import type { ReadPlan } from './lookup.js';
import type { Miss } from './remote-reader.js';

/** What had become of a value when its key was loaded again. `changed`: and no invalidation had come. */
export type RenewalOutcome = 'same' | 'changed' | 'invalidated';

/** What had become of a value by which age: from its load to the next one, or to its invalidation. */
export interface Aged {
  readonly outcome: RenewalOutcome;
  readonly age: Milliseconds;
}

/** A load that was stored. */
export interface StoredLoad {
  readonly plan: ReadPlan;
  readonly miss: Miss;
  readonly previous: PreviousEntry | undefined;
  /** Its JSON. */
  readonly payload: string | undefined;
  readonly lifetime: Lifetime;
  /** The generations that it is stored under. */
  readonly stamps: readonly Stamp[];
  /** Whether it has tags that became known late. */
  readonly hasLateTags: boolean;
}

/** What renewals are told with. */
export interface RenewalsParts {
  readonly clock: Clock;
  /** A key was loaded again, which took so long. */
  readonly heard: (plan: ReadPlan, aged: Aged, took: Milliseconds) => void;
}

/** What is remembered of a key's last load. Changed in place: a load of a key that is remembered makes nothing anew. */
interface Sample {
  readonly rank: number;
  checksum: number;
  generations: number;
  loadedAt: Milliseconds;
  /** After that it is not worth its place. */
  until: Milliseconds;
  invalidatedAt: Milliseconds | undefined;
}

/** Of one template. */
const MAX_SAMPLES = 256;
const MAX_TEMPLATES = 200;
const ALL_RANKS = 2 ** 32;
/** A key that is not loaded again for so many of its TTLs is not waited for. */
const PATIENCE = 8;

/** Tells of each load whether the value had changed. Only of templates that are advised on; of others it costs one look. */
export class Renewals implements KeyWatcher {
  readonly #samples = new Map<string, Samples>();

  constructor(private readonly parts: RenewalsParts) {}

  /** A load was stored. */
  stored(load: StoredLoad): void {
    const { plan, lifetime, payload } = load;
    if (plan.policy.advice === null || payload === undefined) return;
    const samples = this.#of(plan.key.family.label);
    const known = samples?.get(plan.key.name);
    // Once for both: it is most of what a load costs here.
    const checksum = crc32(payload);
    const generations = generationsOf(load.stamps);
    const told = invalidatedAge(load, known, generations) ?? comparedAge(load, known, checksum);
    if (told && told.age > 0) this.parts.heard(plan, told, lifetime.loadTook);
    if (load.hasLateTags || payload === '') samples?.delete(plan.key.name);
    else if (known) renew(known, lifetime, checksum, generations);
    else samples?.add(load, checksum, generations);
  }

  invalidated(key: string): void {
    const now = this.parts.clock.now();
    for (const samples of this.#samples.values()) samples.invalidated(key, now);
  }

  invalidatedWhere(matches: (key: string) => boolean): void {
    const now = this.parts.clock.now();
    for (const samples of this.#samples.values())
      for (const key of samples.keys()) if (matches(key)) samples.invalidated(key, now);
  }

  /** What came meanwhile is not known. */
  forgotten(): void {
    this.#samples.clear();
  }

  #of(label: string): Samples | undefined {
    const known = this.#samples.get(label);
    if (known || this.#samples.size >= MAX_TEMPLATES) return known;
    const created = new Samples();
    this.#samples.set(label, created);
    return created;
  }
}

/** The keys of one template whose names have the smallest hashes. */
class Samples {
  readonly #samples = new Map<string, Sample>();
  /** Those above it are not remembered. */
  #highest = ALL_RANKS;

  keys(): Iterable<string> {
    return this.#samples.keys();
  }

  get(key: string): Sample | undefined {
    return this.#samples.get(key);
  }

  delete(key: string): void {
    this.#samples.delete(key);
  }

  invalidated(key: string, now: Milliseconds): void {
    const sample = this.#samples.get(key);
    if (sample) sample.invalidatedAt ??= now;
  }

  add({ plan: { key }, lifetime }: StoredLoad, checksum: number, generations: number): void {
    const rank = textHash(key.name);
    if (this.#samples.size < MAX_SAMPLES / 8) this.#highest = Math.min(2 * this.#highest, ALL_RANKS);
    if (rank >= this.#highest) return;
    const { loadedAt } = lifetime;
    const until = patienceWith(lifetime);
    this.#samples.set(key.name, { rank, checksum, generations, loadedAt, until, invalidatedAt: undefined });
    if (this.#samples.size > MAX_SAMPLES) this.#thin(loadedAt);
  }

  #thin(now: Milliseconds): void {
    for (const [key, { until }] of this.#samples) if (until < now) this.#samples.delete(key);
    while (this.#samples.size > MAX_SAMPLES / 2) {
      this.#highest /= 2;
      for (const [key, { rank }] of this.#samples) if (rank >= this.#highest) this.#samples.delete(key);
    }
  }
}

function renew(sample: Sample, lifetime: Lifetime, checksum: number, generations: number): void {
  sample.checksum = checksum;
  sample.generations = generations;
  sample.loadedAt = lifetime.loadedAt;
  sample.until = patienceWith(lifetime);
  sample.invalidatedAt = undefined;
}

function patienceWith({ loadedAt, freshUntil }: Lifetime): Milliseconds {
  return loadedAt + PATIENCE * (freshUntil - loadedAt);
}

/** How old the value was when it was invalidated, where it was: exactly, or by when that was noticed. */
function invalidatedAge(
  { miss, lifetime }: StoredLoad,
  known: Sample | undefined,
  generations: number,
): Aged | undefined {
  if (known?.invalidatedAt !== undefined) return { outcome: 'invalidated', age: known.invalidatedAt - known.loadedAt };
  if (miss.invalidatedLoad !== undefined)
    return { outcome: 'invalidated', age: lifetime.loadedAt - miss.invalidatedLoad };
  if (!known || known.generations === generations) return undefined;
  return { outcome: 'invalidated', age: lifetime.loadedAt - known.loadedAt };
}

/** Whether it has changed, by what is replaced or by what is remembered. Without Redis what is replaced, or kept, has no JSON. */
function comparedAge(
  { previous, payload, lifetime }: StoredLoad,
  known: Sample | undefined,
  checksum: number,
): Aged | undefined {
  const { loadedAt } = lifetime;
  if (previous && (previous.json !== '' || payload === ''))
    return { outcome: previous.json === payload ? 'same' : 'changed', age: loadedAt - previous.loadedAt };
  return known && { outcome: known.checksum === checksum ? 'same' : 'changed', age: loadedAt - known.loadedAt };
}

/** Tokens are random, so their hashes are; added up, as their order is that of the call, and does not matter. */
function generationsOf(stamps: readonly Stamp[]): number {
  let sum = 0;
  for (const { token } of stamps) sum = (sum + textHash(token)) % ALL_RANKS;
  return sum;
}
