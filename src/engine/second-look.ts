import { isDeepStrictEqual } from 'node:util';
import type { CacheEngine } from './cache-engine.js';
import type { EntryWriter } from './entry-writer.js';
import { type Loader, type LoaderResult, type LoaderRunParts, runLoader } from './loader-run.js';
import type { Looks } from './looks.js';
import type { Found, ReadPlan } from './lookup.js';
import { isHit } from './remote-reader.js';

/** A hit that is looked into later: how it was read, how it would be loaded, and what its reader got. */
export interface ServedValue extends Pick<Found, 'value' | 'loadedAt'> {
  readonly plan: ReadPlan;
  readonly loader: Loader;
}

/**
 * What the source says to a value that was served. `gone`: it is served no more, so nothing is to be said of it. `busy`:
 * its source has no room to spare. `failed`: the loader threw, or returned what would not be stored.
 */
export type Verdict = 'same' | 'differs' | 'gone' | 'busy' | 'failed';

/** What is looked and loaded with. */
export interface SecondLookParts extends LoaderRunParts {
  readonly engine: Pick<CacheEngine, 'peek'>;
  readonly looks: Pick<Looks, 'once'>;
  readonly writer: Pick<EntryWriter, 'prepare'>;
}

/** Loads a value that was served once more, and compares. */
export class SecondLook {
  #isStopped = false;

  constructor(private readonly parts: SecondLookParts) {}

  /** No loader is run any more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Never rejects because of a loader, nor of Redis. */
  async at(served: ServedValue): Promise<Verdict> {
    if (!(await this.#isServed(served))) return 'gone';
    const { budgets } = this.parts;
    const { plan } = served;
    // Its place in the budget is taken here: as one that another load has taken for it.
    const call = { plan: { ...plan, isBatched: true }, loader: served.loader, refresh: true };
    const verdict = await budgets
      .runSpare(plan.policy.source, async () => (this.#isStopped ? undefined : runLoader(this.parts, call)))
      .then(
        (result) => (result ? this.#compared(served, result) : 'busy'),
        () => 'failed' as const,
      );
    // What invalidates it may have come while its source was asked.
    return verdict !== 'differs' || (await this.#isServed(served)) ? verdict : 'gone';
  }

  /** Whether a reader would be served that value now, and none of another load of the key. */
  async #isServed({ plan, ...served }: ServedValue): Promise<boolean> {
    const { engine, looks, clock } = this.parts;
    const local = engine.peek(plan);
    if (local) return isTheSame(served, local.loadedAt, local.value);
    const look = await looks.once(plan);
    if (!look || !isHit(look)) return false;
    return isTheSame(served, look.envelope.loadedAt, look.value) && clock.now() < look.envelope.freshUntil;
  }

  /** By what readers would get, which without a schema is what would be stored. The order of properties says nothing. */
  async #compared({ plan, value }: ServedValue, { raw, load }: LoaderResult): Promise<Verdict> {
    if (load.isSkipped) return 'failed';
    try {
      const { value: loaded, payload } = await this.parts.writer.prepare(plan, raw);
      if (payload === undefined) return 'failed';
      return isDeepStrictEqual(loaded, value) ? 'same' : 'differs';
    } catch {
      // It does not fit the schema, of which an event tells; or is nested too deep to be walked.
      return 'failed';
    }
  }
}

/**
 * Another load began at another time, or in the same millisecond. Of that one its value tells: held against the source,
 * what was served before it would differ for ever.
 */
function isTheSame(served: Pick<Found, 'value' | 'loadedAt'>, loadedAt: number, value: unknown): boolean {
  return served.loadedAt === loadedAt && isDeepStrictEqual(served.value, value);
}
