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

/** A key was loaded again. */
export interface Renewal {
  readonly plan: ReadPlan;
  readonly outcome: RenewalOutcome;
  /** From the load of the older value to this one, or to its invalidation. */
  readonly age: Milliseconds;
  /** How long this load took. */
  readonly took: Milliseconds;
}

/** A load that was stored. */
export interface StoredLoad {
  readonly plan: ReadPlan;
  readonly miss: Miss;
  readonly previous: PreviousEntry | undefined;
  /** Its JSON. */
  readonly payload: string | undefined;
  readonly lifetime: Lifetime;
  /** The generation of each tag that its key tells, as read before the load began. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Whether it has tags beyond those. */
  readonly hasLateTags: boolean;
}

/** What renewals are told with. */
export interface RenewalsParts {
  readonly clock: Clock;
  readonly heard: (renewal: Renewal) => void;
}

interface Sample {
  readonly rank: number;
  readonly checksum: number;
  readonly generations: number;
  readonly loadedAt: Milliseconds;
  /** After that it is not worth its place. */
  readonly until: Milliseconds;
  invalidatedAt?: Milliseconds;
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
    if (load.plan.policy.advice === null || load.payload === undefined) return;
    const { plan, lifetime } = load;
    const samples = this.#of(plan.key.family.label);
    const known = samples?.take(plan.key.name);
    const is = new Loaded(load);
    const told = invalidatedAge(is, known) ?? comparedAge(is, known);
    if (told && told.age > 0) this.parts.heard({ plan, ...told, took: lifetime.loadTook });
    if (!load.hasLateTags && load.payload !== '') samples?.add(is, known?.rank ?? textHash(plan.key.name));
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

  take(key: string): Sample | undefined {
    const sample = this.#samples.get(key);
    if (sample) this.#samples.delete(key);
    return sample;
  }

  invalidated(key: string, now: Milliseconds): void {
    const sample = this.#samples.get(key);
    if (sample) sample.invalidatedAt ??= now;
  }

  add({ load, checksum, generations }: Loaded, rank: number): void {
    if (this.#samples.size < MAX_SAMPLES / 8) this.#highest = Math.min(2 * this.#highest, ALL_RANKS);
    if (rank >= this.#highest) return;
    const { loadedAt, freshUntil } = load.lifetime;
    const until = loadedAt + PATIENCE * (freshUntil - loadedAt);
    this.#samples.set(load.plan.key.name, { rank, checksum, generations, loadedAt, until });
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

/** A load, with what it is compared by: computed once, where it is needed. */
class Loaded {
  #checksum: number | undefined;
  #generations: number | undefined;

  constructor(readonly load: StoredLoad) {}

  get checksum(): number {
    return (this.#checksum ??= crc32(this.load.payload ?? ''));
  }

  get generations(): number {
    return (this.#generations ??= generationsOf(this.load.tokens));
  }
}

type Told = Pick<Renewal, 'outcome' | 'age'>;

/** How old the value was when it was invalidated, where it was: exactly, or by when that was noticed. */
function invalidatedAge(is: Loaded, known: Sample | undefined): Told | undefined {
  const { miss, lifetime } = is.load;
  if (known?.invalidatedAt !== undefined) return { outcome: 'invalidated', age: known.invalidatedAt - known.loadedAt };
  if (miss.invalidatedLoad !== undefined)
    return { outcome: 'invalidated', age: lifetime.loadedAt - miss.invalidatedLoad };
  if (!known || known.generations === is.generations) return undefined;
  return { outcome: 'invalidated', age: lifetime.loadedAt - known.loadedAt };
}

/** Whether it has changed, by what is replaced or by what is remembered. Without Redis what is replaced, or kept, has no JSON. */
function comparedAge(is: Loaded, known: Sample | undefined): Told | undefined {
  const { previous, payload = '', lifetime } = is.load;
  const told = (isSame: boolean, since: Milliseconds): Told => ({
    outcome: isSame ? 'same' : 'changed',
    age: lifetime.loadedAt - since,
  });
  if (previous && (previous.json !== '' || payload === '')) return told(previous.json === payload, previous.loadedAt);
  return known && told(known.checksum === is.checksum, known.loadedAt);
}

/** Tokens are random, so their hashes are; added up, as their order is that of the call, and does not matter. */
function generationsOf(tokens: ReadonlyMap<string, string>): number {
  let sum = 0;
  for (const token of tokens.values()) sum = (sum + textHash(token)) % ALL_RANKS;
  return sum;
}
