import type { Stamp } from '../codec/envelope.js';
import { checkKey, checkList } from '../keys/alphabet.js';
import { LONGEST_TTL } from '../keys/load-policy.js';
import { finiteNumber } from '../primitives/checks.js';
import type { Clock, Timer } from '../primitives/clock.js';
import { CacheError } from '../primitives/errors.js';
import type { Milliseconds, Seconds } from '../primitives/units.js';
import { Reliance } from './reliance.js';

/** A value that a load replaces. */
export interface Previous<T = unknown> {
  readonly value: T;
  /** When its load began, in milliseconds since the epoch. */
  readonly asOf: Milliseconds;
}

/** What a loader is told of its load, and can say of the value. Only while the load runs; no round trip. */
export interface LoadContext<T = unknown> {
  /**
   * The value that is replaced: stale within its grace, or refreshed before it expires. `undefined` where there is none,
   * or where it was invalidated. Without Redis it comes from memory.
   */
  readonly previous: Previous<T> | undefined;
  /**
   * Aborted, with a LoadTimeoutError as its reason, when the load has run for its `hardTimeoutMs`: whoever began to wait
   * with it has been told by then that it takes too long. A loader that goes on all the same is stored as ever.
   */
  readonly signal: AbortSignal;
  /** Seconds for which the value is fresh, instead of what the call, the template or the module says; shortened by jitter as any TTL. @throws InvalidOptionError */
  setTtl(seconds: Seconds): void;
  /** Further tags for what is loaded. See `lateTags` for when it is cached. @throws InvalidKeyError */
  addTags(tags: readonly string[]): void;
  /** Callers get the value, and it is not stored. What was stored before is as it would be during any load. */
  skip(): void;
  /**
   * The source says that the previous value is still the one: that is kept, with its tags, as if it had been loaded now.
   * Returns it; what the loader returns is ignored. @throws NoPreviousError where there is none
   */
  notModified(): T;
}

/** A context was used after its load had ended: what it was told would be lost. */
export class LoadEndedError extends CacheError {
  /** @internal */
  constructor(what: string) {
    const message = `${what} was used after its load had ended; await in the loader whatever it starts`;
    super('LOAD_ENDED', 'usage', message, { what });
  }
}

/** `notModified` without a value that could be kept. */
export class NoPreviousError extends CacheError {
  /** @internal */
  constructor() {
    const message =
      'context.notModified() must be called only where context.previous is a value; received undefined: nothing is cached, or it was invalidated. Load the value then';
    super('NO_PREVIOUS', 'usage', message);
  }
}

/** A value that may be loaded anew, with the generations it is valid under. */
export interface PreviousEntry {
  /** What readers get: what a schema has made, where there is one. */
  readonly value: unknown;
  /** What it was made of, to be stored again: a schema would be asked twice otherwise. */
  readonly json: string;
  readonly loadedAt: Milliseconds;
  /** `undefined` where they are not known. */
  readonly stamps: readonly Stamp[] | undefined;
}

/** What a load is told when it begins. */
export interface LoadBeginning {
  readonly clock: Clock;
  readonly previous: PreviousEntry | undefined;
  /** When its signal is aborted, and with what. */
  readonly limit: Milliseconds;
  readonly onLimit: () => Error;
}

/** A run of a loader: what it was told and what it said, until it has ended. */
export class RunningLoad implements LoadContext {
  readonly reliance = new Reliance();
  readonly #begunAt: Milliseconds;
  #ttl: Milliseconds | undefined;
  #isSkipped = false;
  #isKept = false;
  #hasEnded = false;
  #aborter: AbortController | undefined;
  #timer: Timer | undefined;

  constructor(private readonly beginning: LoadBeginning) {
    this.#begunAt = beginning.clock.now();
  }

  /** What `setTtl` said. */
  get ttl(): Milliseconds | undefined {
    return this.#ttl;
  }

  get isSkipped(): boolean {
    return this.#isSkipped;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get previous(): Previous | undefined {
    this.#check('context.previous');
    const { previous } = this.beginning;
    return previous && { value: previous.value, asOf: previous.loadedAt };
  }

  // Made when it is asked for: most loaders do not.
  get signal(): AbortSignal {
    this.#check('context.signal');
    return (this.#aborter ??= this.#armed()).signal;
  }

  setTtl(seconds: Seconds): void {
    this.#check('context.setTtl');
    this.#ttl = 1000 * finiteNumber('the TTL given to context.setTtl', seconds, { min: 0.001, max: LONGEST_TTL });
  }

  addTags(tags: readonly string[]): void {
    this.#check('context.addTags');
    this.reliance.addTags(checkList(tags, 'the tags given to context.addTags', (tag) => checkKey(tag, 'tag')));
  }

  skip(): void {
    this.#check('context.skip');
    this.#isSkipped = true;
  }

  notModified(): unknown {
    this.#check('context.notModified');
    const { previous } = this.beginning;
    if (!previous) throw new NoPreviousError();
    // Its tags are those of a value that was valid when this load began.
    if (!this.#isKept) this.reliance.addStamps(previous.stamps);
    this.#isKept = true;
    return previous.value;
  }

  /** What is to be served and stored again, after the loader has said that it is still the one. */
  get kept(): { readonly value: unknown; readonly payload: string } | undefined {
    const { previous } = this.beginning;
    return this.#isKept && previous ? { value: previous.value, payload: previous.json } : undefined;
  }

  /** What comes later is refused, or ignored where nobody said it. */
  end(): void {
    this.#hasEnded = true;
    this.#timer?.cancel();
  }

  #armed(): AbortController {
    const { clock, limit, onLimit } = this.beginning;
    const aborter = new AbortController();
    const rest = Math.max(0, this.#begunAt + limit - clock.now());
    this.#timer = clock.after(rest, () => aborter.abort(onLimit()));
    return aborter;
  }

  #check(what: string): void {
    if (this.#hasEnded) throw new LoadEndedError(what);
  }
}
