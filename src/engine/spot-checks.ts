/*
 * Spot checks: how a value is found that should have been invalidated and was not, by whatever has forgotten to.
 *
 * A small share of the hits is taken as samples. After the coherence window, by when nobody is served any more what had been
 * invalidated before the hit, the loader of the sample's reader is run once more, and what it returns is compared with what
 * was served. Where it differs the source has just changed, perhaps, and an invalidation is on its way: so it is looked at
 * again after a grace time, and only what is served then, and differs then, is a finding. A finding so proves that the value
 * was served for a grace time after its source said otherwise.
 *
 * What may happen in between, and what comes of it:
 *   - the value is invalidated, evicted, replaced or refreshed before the first look, between the two, or while the source
 *     is asked: it is told from a newer one by when its load began, and is `gone`. Nothing is said of it
 *   - it is no longer fresh: its TTL has ended, which is all that was promised. `gone`
 *   - the source changes after the hit: its event has the grace time to arrive
 *   - the source changes back, or a lagging replica was asked: the second look finds no difference
 *   - the source changes all the time and nobody invalidates: a finding at every look. That is what the ratio measures
 *   - Redis is away: whether the value is served cannot be told. `gone`
 *   - the loader throws, or skips: `failed`, and no sample. Its source has no room: `busy`
 *   - the cache stops: what waits is dropped
 *
 * A sample holds the loader of its reader, with all that it closes over, and runs in that reader's async context: a loader
 * that reads the tenant from there reads the right one. So samples are few, and each is held for a bounded time.
 */
import type { CacheKey } from '../keys/key.js';
import type { Timer } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import { type Ledger, RemoteStoreError } from '../stores/contracts.js';
import type { BackgroundTasks } from './background-tasks.js';
import type { Explanation } from './explain.js';
import { encodeInconsistency } from './inconsistencies.js';
import type { Loader } from './loader-run.js';
import type { Found, ReadPlan } from './lookup.js';
import type { SpotCheckOutcome } from './observer.js';
import { SecondLook, type SecondLookParts, type ServedValue, type Verdict } from './second-look.js';

/** What spot checks are made with. */
export interface SpotChecksParts extends SecondLookParts {
  readonly random: Random;
  readonly background: BackgroundTasks;
  readonly ledger: Ledger;
  readonly explain: (key: CacheKey) => Promise<Explanation>;
  /** This instance. */
  readonly origin: string;
  /** From the hit to the first look. */
  readonly wait: Milliseconds;
  /** From the first look to the second. */
  readonly grace: Milliseconds;
}

/** A sample; with `differsSince` it has been looked at once. */
interface Sample extends ServedValue {
  readonly differsSince?: Milliseconds;
}

const MAX_HELD = 64;
const MAX_HELD_OF_TEMPLATE = 8;
/** Of one template, so that the history of invalidations is not crowded out. Metrics count each finding. */
const HISTORY_SPACING: Milliseconds = 60_000;

/** Loads a share of what was served once more, later, and tells where the source says otherwise. */
export class SpotChecks {
  readonly #look: SecondLook;
  /** Samples that are to be looked at, or are being. */
  readonly #held = new Map<Sample, Timer>();
  readonly #heldOf = new Map<string, number>();
  readonly #toldAt = new Map<string, Milliseconds>();
  /** What hits have still to add up to until the next is taken. In an array, as a property would have a new box at each hit. */
  readonly #due = new Float64Array(1);
  #isStopped = false;

  constructor(private readonly parts: SpotChecksParts) {
    this.#look = new SecondLook(parts);
    this.#due[0] = this.#drawn();
  }

  /** A fresh value was served from the cache: takes it as a sample by the chance that its policy gives. Costs a subtraction. */
  saw(plan: ReadPlan, loader: Loader, hit: Pick<Found, 'value' | 'loadedAt'>): void {
    const { spotCheck } = plan.policy;
    if (spotCheck === 0) return;
    const due = (this.#due[0] as number) - spotCheck;
    this.#due[0] = due;
    if (due <= 0) this.#take(plan, loader, hit);
  }

  /** Drops what waits; nothing is begun any more. */
  stop(): void {
    this.#isStopped = true;
    this.#look.stop();
    for (const timer of this.#held.values()) timer.cancel();
  }

  /** A sum of shares that is drawn from the exponential distribution is reached by each hit with its own share. */
  #drawn(): number {
    return -Math.log1p(-this.parts.random.fraction());
  }

  #take(plan: ReadPlan, loader: Loader, { value, loadedAt }: Pick<Found, 'value' | 'loadedAt'>): void {
    this.#due[0] = this.#drawn();
    const ofTemplate = this.#heldOf.get(plan.key.family.label) ?? 0;
    if (this.#held.size >= MAX_HELD || ofTemplate >= MAX_HELD_OF_TEMPLATE) return;
    this.#later({ plan, loader, value, loadedAt }, this.parts.wait);
  }

  /** By a timer that is set here, and so in the async context of the sample's reader. */
  #later(sample: Sample, delay: Milliseconds): void {
    const { clock, background } = this.parts;
    if (this.#isStopped) return;
    const { label } = sample.plan.key.family;
    const work = (): Promise<void> => this.#check(sample).finally(() => this.#release(sample, label));
    const timer = clock.after(delay, () => background.run('spot check', work));
    this.#held.set(sample, timer);
    this.#heldOf.set(label, (this.#heldOf.get(label) ?? 0) + 1);
  }

  #release(sample: Sample, label: string): void {
    this.#held.delete(sample);
    const rest = (this.#heldOf.get(label) ?? 0) - 1;
    if (rest > 0) this.#heldOf.set(label, rest);
    else this.#heldOf.delete(label);
  }

  async #check(sample: Sample): Promise<void> {
    const verdict = await this.#look.at(sample);
    const now = this.parts.clock.now();
    if (verdict === 'differs' && sample.differsSince === undefined) {
      this.#later({ ...sample, differsSince: now }, this.parts.grace);
      return;
    }
    if (verdict === 'differs') await this.#record(sample, now);
    this.parts.observer.on({
      type: 'spot-check.ended',
      label: sample.plan.key.family.label,
      outcome: OUTCOMES[verdict],
    });
  }

  /** A finding that Redis does not take is in the metrics all the same. */
  async #record({ plan: { key }, loadedAt, differsSince = 0 }: Sample, at: Milliseconds): Promise<void> {
    const { explain, ledger, origin } = this.parts;
    const template = key.family.label;
    if (at - (this.#toldAt.get(template) ?? -Infinity) < HISTORY_SPACING) return;
    this.#toldAt.set(template, at);
    const explanation = await explain(key);
    try {
      await ledger.append(
        encodeInconsistency({ at, origin, key: key.name, template, loadedAt, differsSince, explanation }),
      );
    } catch (error) {
      if (!(error instanceof RemoteStoreError)) throw error;
    }
  }
}

const OUTCOMES: Readonly<Record<Verdict, SpotCheckOutcome>> = {
  same: 'consistent',
  differs: 'inconsistent',
  gone: 'gone',
  busy: 'busy',
  failed: 'failed',
};
