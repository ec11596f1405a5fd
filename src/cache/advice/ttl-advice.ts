import type { BackgroundTasks } from '../../engine/background-tasks.js';
import type { ReadPlan } from '../../engine/lookup.js';
import type { Aged } from '../../engine/renewals.js';
import type { CacheKey, KeyFamily } from '../../keys/key.js';
import type { LoadPolicy } from '../../keys/load-policy.js';
import type { Clock, Timer } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
import { RemoteStoreError } from '../../stores/contracts.js';
import type { CacheEvents } from '../cache-events.js';
import { SharedNote, type SharedNoteParts } from '../warming/shared-note.js';
import { decodeAdvice, encodeAdvice } from './advice-note.js';
import { type Advisable, AdvisedTemplate, type WrittenTemplate } from './advised-template.js';
import { RenewalCounts } from './renewal-counts.js';
import { adviceFor, type TemplateAdvice } from './template-advice.js';
import type { TtlChanged } from './ttl-changed.js';

/** What TTLs are advised on with. */
export interface TtlAdviceParts extends SharedNoteParts {
  readonly clock: Clock;
  readonly events: CacheEvents;
  readonly background: BackgroundTasks;
  readonly defaultTtl: Milliseconds;
  readonly ttlJitter: number;
  /** How often what was seen is written, and TTLs are moved. */
  readonly window: Milliseconds;
}

/** Outside of the key alphabet: no user's key. */
const NOTE = '#ttl';
const KEPT: Milliseconds = 7 * 86_400_000;
const MAX_TEMPLATES = 300;

/** A template and TTL of this process. */
interface Declared extends Advisable {
  readonly name: string;
  /** Seen, and not written yet. */
  unwritten: RenewalCounts;
  /** In force. */
  ttl: Milliseconds;
}

/**
 * What is known of how long values stay right, and the TTLs in force. All instances add what they have seen to one note in
 * Redis, under its lease; whoever writes it moves the TTLs, and the others take them from there. So all instances have one
 * TTL for a template, it moves as fast whether there is one instance or a hundred, and outlives them. Without Redis what is
 * known is this process's own; while Redis is away, nothing is moved. Nothing is done before the first key that is advised on.
 */
export class TtlAdvice {
  readonly #note: SharedNote;
  /** By family and TTL. */
  readonly #ofFamily = new WeakMap<KeyFamily, Map<Milliseconds, Declared>>();
  readonly #declared = new Map<string, Declared>();
  /** As of when the note was read or written last. */
  #known: ReadonlyMap<string, AdvisedTemplate> = new Map();
  #timer: Timer | undefined;
  #exchange: Promise<void> | undefined;
  #isStopped = false;

  constructor(private readonly parts: TtlAdviceParts) {
    this.#note = new SharedNote(parts, NOTE);
  }

  /** A key was loaded again. */
  readonly heard = ({ key, policy }: ReadPlan, { outcome, age }: Aged, took: Milliseconds): void => {
    const declared = this.#declaredOf(key, policy);
    const ttl = (declared?.ttl ?? 0) * (1 - this.parts.ttlJitter / 2);
    declared?.unwritten.add(outcome, age, { ttl, took });
  };

  /** How long entries of a key stay fresh where no call says. */
  readonly ttlOf = (key: CacheKey, policy: LoadPolicy): Milliseconds => {
    const declared = key.ttl ?? this.parts.defaultTtl;
    if (!policy.advice?.bounds) return declared;
    return this.#declaredOf(key, policy)?.ttl ?? declared;
  };

  /** By template, of all instances, with what this one has not written yet. One round trip; Redis away: what was known last. */
  async advice(): Promise<TemplateAdvice[]> {
    await this.#read().catch(onlyRemote);
    return this.known;
  }

  /** The same as of when the note was read or written last. */
  get known(): TemplateAdvice[] {
    return [...this.#withUnwritten(this.#writtenKnown()).values()].map(adviceFor);
  }

  /** What `auto` has made of the TTLs of this process's templates. */
  get moving(): readonly Pick<AdvisedTemplate, 'label' | 'declared' | 'ttl'>[] {
    return [...this.#declared.values()].filter(({ bounds }) => bounds !== undefined);
  }

  /** Writes what was seen last; nothing is begun any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#exchange;
    if (this.#declared.size > 0) await this.#write().catch(onlyRemote);
  }

  #declaredOf({ family, ttl = this.parts.defaultTtl }: CacheKey, policy: LoadPolicy): Declared | undefined {
    return this.#ofFamily.get(family)?.get(ttl) ?? this.#declare(family, ttl, policy);
  }

  #declare(family: KeyFamily, declared: Milliseconds, { advice, maxStale }: LoadPolicy): Declared | undefined {
    const { label } = family;
    const name = nameOf({ label, declared });
    const same = this.#declared.get(name);
    if (!same && this.#declared.size >= MAX_TEMPLATES) return undefined;
    const own = { label, declared, maxStale, bounds: advice?.bounds };
    const { ttl } = new AdvisedTemplate(own, this.parts.clock.now(), this.#known.get(name)?.ttl);
    const made = same ?? { ...own, name, ttl, unwritten: new RenewalCounts() };
    this.#declared.set(name, made);
    const ofFamily = this.#ofFamily.get(family) ?? new Map<Milliseconds, Declared>();
    this.#ofFamily.set(family, ofFamily.set(declared, made));
    if (!same && this.#declared.size === 1) this.#begin();
    return made;
  }

  /** With what other instances know; then from time to time. */
  #begin(): void {
    this.parts.background.run('ttl advice', () => this.#read().catch(onlyRemote));
    this.#schedule();
  }

  #schedule(): void {
    const { clock, background, random, window } = this.parts;
    if (this.#isStopped) return;
    // Not all instances that were started together at once.
    this.#timer = clock.after(window * (0.75 + random.fraction() / 2), () => {
      const exchange = this.#write().catch(onlyRemote);
      this.#exchange = exchange;
      background.run('ttl advice', () => exchange.finally(() => this.#schedule()));
    });
  }

  async #read(): Promise<void> {
    const text = await this.#note.read();
    if (text !== undefined) this.#take(this.#asDeclared(decodeAdvice(text)));
  }

  /** Another instance that writes just now, or Redis away: what was seen stays for the next time. */
  async #write(): Promise<void> {
    if ([...this.#declared.values()].every(({ unwritten }) => unwritten.isEmpty)) return this.#read();
    const seized = await this.#note.seize();
    if (seized.kind !== 'held') return this.#read();
    const { note } = seized;
    const before = note.text === undefined ? this.#writtenKnown() : decodeAdvice(note.text);
    const all = this.#withUnwritten(before);
    const moved = [...all.values()].flatMap((each) => stepOf(each, this.parts.clock.now()) ?? []);
    const taken = this.#takeUnwritten();
    const isWritten = await note.write(encodeAdvice(all.values()), KEPT).catch(falseIfRemote);
    if (!isWritten) {
      for (const [declared, counts] of taken) declared.unwritten.absorb(counts.written());
      return;
    }
    this.#take(all);
    for (const event of moved) this.parts.events.on(event);
  }

  /** What comes from now on is in the next writing. */
  #takeUnwritten(): readonly (readonly [Declared, RenewalCounts])[] {
    const taken = [...this.#declared.values()].map((each) => [each, each.unwritten] as const);
    for (const [declared] of taken) declared.unwritten = new RenewalCounts();
    return taken;
  }

  #take(known: ReadonlyMap<string, AdvisedTemplate>): void {
    this.#known = known;
    for (const each of this.#declared.values()) each.ttl = known.get(each.name)?.ttl ?? each.declared;
  }

  #writtenKnown(): readonly WrittenTemplate[] {
    return [...this.#known.values()].map((each) => each.written());
  }

  /** What this process declares itself holds here, whatever others have written. */
  #asDeclared(written: readonly WrittenTemplate[]): Map<string, AdvisedTemplate> {
    const { clock } = this.parts;
    const alive = written.filter(({ at }) => at > clock.now() - KEPT);
    const made = alive.map((each) => AdvisedTemplate.of(each, this.#declared.get(nameOf(each))));
    return new Map(made.map((each) => [nameOf(each), each]));
  }

  #withUnwritten(written: readonly WrittenTemplate[]): Map<string, AdvisedTemplate> {
    const now = this.parts.clock.now();
    const all = this.#asDeclared(written);
    for (const declared of this.#declared.values()) {
      const known = all.get(declared.name) ?? new AdvisedTemplate(declared, now);
      if (!declared.unwritten.isEmpty) known.saw(declared.unwritten, now);
      all.set(declared.name, known);
    }
    return all;
  }
}

function stepOf(template: AdvisedTemplate, now: Milliseconds): TtlChanged | undefined {
  const { reason } = adviceFor(template);
  const change = template.step(now);
  if (!change) return undefined;
  const { label, declared } = template;
  return { type: 'ttl.changed', label, declared, from: 1000 * change.from, to: 1000 * change.to, reason };
}

function nameOf({ label, declared }: Pick<Advisable, 'label' | 'declared'>): string {
  return `${label} ${declared}`;
}

/** While Redis is away nothing is known beyond what was. */
function onlyRemote(error: unknown): void {
  if (!(error instanceof RemoteStoreError)) throw error;
}

function falseIfRemote(error: unknown): false {
  onlyRemote(error);
  return false;
}
