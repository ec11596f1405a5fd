import { finiteNumber } from '../primitives/checks.js';
import { InvalidOptionError } from '../primitives/errors.js';
import type { Milliseconds, Seconds } from '../primitives/units.js';
import { type Advised, type AdviceMode, checkAdvice } from './advice-mode.js';

/** How values are loaded, served and replaced. What a call leaves out its template says, else the module, else the default. */
export interface LoadPolicyOptions {
  /** Seconds after the TTL for which a stale value may be served. @default 0 */
  readonly grace?: Seconds;
  /** How long in milliseconds the reader of a stale value waits for the new one before it takes the stale one; 0: not at all. @default 0 */
  readonly softTimeoutMs?: Milliseconds;
  /**
   * How long in milliseconds a reader without a value to serve waits before it gets a LoadTimeoutError. The load goes on
   * all the same, and its value is stored. @default 30000
   */
  readonly hardTimeoutMs?: Milliseconds;
  /** Share of the TTL, above 0, after which a hit begins a refresh behind; 1: none before it has expired. @default 1 */
  readonly refreshAhead?: number;
  /**
   * XFetch: the longer a value took to load and the nearer its expiry, the likelier a hit begins a refresh behind; larger
   * is earlier, 0 turns it off. (Vattani, Chierichetti and Lowenstein, Optimal Probabilistic Cache Stampede Prevention,
   * VLDB 2015.) @default 1
   */
  readonly beta?: number;
  /** How long in milliseconds the source is not asked again for a key whose refresh failed, while its stale value is served. @default 5000 */
  readonly throttleMs?: Milliseconds;
  /**
   * Which failures of a loader may be hidden behind a stale value. Any other says that the value is no more: it is
   * removed and the error reaches the reader. Must not throw; if it does, the failure is not hidden.
   * @default all but errors with a `status` from 400 to 499 that is not 408, 425 or 429
   */
  readonly serveStaleOn?: (error: unknown) => boolean;
  /** The source that is asked, one of the module's `sources`, whose number of loads at a time is limited. @default none, no limit */
  readonly source?: string;
  /**
   * Further tags, made of the value; those of a template and of a call add up. Implies `lateTags`. What it throws reaches
   * the reader as an error of the loader does. @default none
   */
  readonly tagsOf?: TagsOf;
  /**
   * Whether loads may get tags after they have begun: by `dependsOn` or the context's `addTags`. Costs a command beside
   * each lease and a round trip after the load. Without it the first such load of a template in each process is returned
   * and not cached; later ones are, as that was noticed. @default false
   */
  readonly lateTags?: boolean;
  /**
   * Share of the hits, 0 to 1, whose value is loaded again a little later and compared, to find values that no invalidation
   * has reached. Runs the loader once more: not for one with side effects, nor for values that change without an
   * invalidation, as all that tell the time do. @default 0
   */
  readonly spotCheck?: number;
  /** Whether it is watched how long values stay right, to advise on the TTL or to move it. @default 'off' */
  readonly advice?: AdviceMode;
  /** Share of the hits, above 0 and at most 0.5, whose value the source may have changed without an invalidation: what advice aims at. @default 0.05 */
  readonly maxStale?: number;
}

/** Makes tags of a value; its parameter may be of the value's type. */
export type TagsOf = {
  /** The tags of one value. */
  of(value: unknown): readonly string[];
}['of'];

/** {@link LoadPolicyOptions} with nothing left to default. Durations are milliseconds. */
export interface LoadPolicy {
  readonly grace: Milliseconds;
  readonly softTimeout: Milliseconds;
  readonly hardTimeout: Milliseconds;
  readonly refreshAhead: number;
  readonly beta: number;
  readonly throttle: Milliseconds;
  /** Whether a stale value may be served where the loader has thrown this. */
  readonly serveStaleOn: (error: unknown) => boolean;
  readonly source: string | undefined;
  /** Makes further tags of the value. */
  readonly tagsOf: TagsOf | undefined;
  readonly lateTags: boolean;
  /** What a hit adds to what is due for a spot check: -ln(1 - share). */
  readonly spotCheck: number;
  /** How the TTL is watched; `null` for not at all. */
  readonly advice: Advised | null;
  readonly maxStale: number;
}

/** Nothing is kept for longer. */
export const LONGEST_TTL: Seconds = 366 * 86_400;
const DAY: Milliseconds = 86_400_000;

/** What holds where nobody says otherwise. */
export const DEFAULT_POLICY: LoadPolicy = Object.freeze({
  grace: 0,
  softTimeout: 0,
  hardTimeout: 30_000,
  refreshAhead: 1,
  beta: 1,
  throttle: 5_000,
  serveStaleOn: mayBeTransient,
  source: undefined,
  tagsOf: undefined,
  lateTags: false,
  spotCheck: 0,
  advice: null,
  maxStale: 0.05,
});

/** `base` with what `options` say, each checked; `of` tells in an error whose options they are. @throws InvalidOptionError */
export function resolvePolicy(base: LoadPolicy, options: LoadPolicyOptions, of = ''): LoadPolicy {
  // Most calls say nothing, and hits in memory are many.
  if (NAMES.every((name) => options[name] === undefined)) return base;
  const said = checkedPolicy(options, of);
  return Object.keys(said).length === 0 ? base : combinedPolicy(base, said);
}

/** What `said` says, and `base` of the rest; tags made of the value add up. */
export function combinedPolicy(base: LoadPolicy, said: Partial<LoadPolicy>): LoadPolicy {
  const [first, second] = [base.tagsOf, said.tagsOf];
  const both = first && second && first !== second && ((value: unknown) => [...first(value), ...second(value)]);
  return Object.freeze({ ...base, ...said, ...(both && { tagsOf: both }) });
}

/** What `options` say, checked, in milliseconds; nothing for what they leave out. @throws InvalidOptionError */
export function checkedPolicy(options: LoadPolicyOptions, of = ''): Partial<LoadPolicy> {
  const said: Partial<Record<keyof LoadPolicy, unknown>> = {};
  for (const [name, [field, check]] of RULES) {
    const given = options[name];
    if (given !== undefined) said[field] = check(`${name}${of}`, given);
  }
  return Object.freeze(said) as Partial<LoadPolicy>;
}

type Rule = readonly [field: keyof LoadPolicy, check: (name: string, value: unknown) => unknown];

const between =
  (min: number, max: number, unit = 1) =>
  (name: string, value: unknown): number =>
    unit * finiteNumber(name, value, { min, max });

const RULES = new Map<keyof LoadPolicyOptions, Rule>([
  ['grace', ['grace', between(0, LONGEST_TTL, 1000)]],
  ['softTimeoutMs', ['softTimeout', between(0, DAY)]],
  ['hardTimeoutMs', ['hardTimeout', between(1, DAY)]],
  ['refreshAhead', ['refreshAhead', between(0.01, 1)]],
  ['beta', ['beta', between(0, 100)]],
  ['throttleMs', ['throttle', between(0, DAY)]],
  ['serveStaleOn', ['serveStaleOn', checkFunction]],
  ['source', ['source', checkName]],
  ['tagsOf', ['tagsOf', checkFunction]],
  ['lateTags', ['lateTags', checkBoolean]],
  ['spotCheck', ['spotCheck', hazardOf]],
  ['advice', ['advice', (name, value) => checkAdvice(name, value, LONGEST_TTL)]],
  ['maxStale', ['maxStale', between(0.0001, 0.5)]],
]);

const NAMES = [...RULES.keys()];

/** Shares do not add up, and these do: however they are mixed, each hit is chosen with its own share. */
function hazardOf(name: string, share: unknown): number {
  return -Math.log1p(-finiteNumber(name, share, { min: 0, max: 1 }));
}

function checkFunction(name: string, value: unknown): unknown {
  if (typeof value === 'function') return value;
  throw new InvalidOptionError(name, 'a function', value);
}

function checkBoolean(name: string, value: unknown): unknown {
  if (typeof value === 'boolean') return value;
  throw new InvalidOptionError(name, 'true or false', value);
}

function checkName(name: string, value: unknown): unknown {
  if (typeof value === 'string' && /^[a-zA-Z0-9_.-]{1,64}$/.test(value)) return value;
  throw new InvalidOptionError(name, 'a name of 1 to 64 characters of a-z A-Z 0-9 _ . -', value);
}

// Asked again later the source may well answer these.
const TRANSIENT: readonly number[] = [408, 425, 429];

/** False for an error that tells that the source answered and has no such value for this reader. */
function mayBeTransient(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  const status: unknown = 'status' in error ? error.status : 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status !== 'number' || status < 400 || status > 499) return true;
  return TRANSIENT.includes(status);
}
