import { types } from 'node:util';
import { createContext, Script } from 'node:vm';
import type { Milliseconds } from '../../primitives/units.js';

/** What a function has made of made-up values, or why it made nothing of them. */
export type Outcome<T> = { readonly made: T } | { readonly why: string; readonly isEndless: boolean };

/** A function that loops over what it is given must not hold up the start: it is ended after so long, which a busy machine must not take for a short one. */
const PATIENCE: Milliseconds = 500;
const LONGEST_WHY = 120;
const { isNativeError } = types;
// The only way in which a function can be ended from outside; it runs in its own context, as any other time.
const CALL = new Script('work()');

/** Calls functions of the application that may throw whatever they like at made-up values, or loop without end. */
export class Trials {
  readonly #scope: { work?: () => unknown } = {};
  readonly #context = createContext(this.#scope);

  /** Calls it once. */
  attempt<T>(work: () => T): Outcome<T> {
    this.#scope.work = work;
    try {
      return { made: CALL.runInContext(this.#context, { timeout: PATIENCE }) as T };
    } catch (error) {
      return isTimeout(error)
        ? { why: `it ran for longer than ${PATIENCE} ms`, isEndless: true }
        : { why: textOf(error), isEndless: false };
    } finally {
      delete this.#scope.work;
    }
  }
}

function isTimeout(error: unknown): boolean {
  // An error of that context, whose class is none of ours.
  return isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/** The first line. */
function textOf(error: unknown): string {
  const message = isNativeError(error) ? (error.message as unknown) : error;
  const [line = ''] = typeof message === 'string' ? message.split('\n') : [];
  return line === '' ? 'it throws' : line.slice(0, LONGEST_WHY);
}
