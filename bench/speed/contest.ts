import type { Milliseconds } from '../../src/primitives/units.js';
import type { Spread } from '../support.js';

/** One way to do the work of a contest. */
export interface Contender {
  readonly title: string;
  /** Does the work for the `turn`-th time, and throws when what comes back is not what it should be. */
  readonly work: (turn: number) => Promise<unknown>;
  readonly close?: () => Promise<unknown>;
}

/** Work that several do in turns, the base between any two of the others. */
export interface Contest {
  readonly title: string;
  readonly base: Contender;
  readonly others: readonly Contender[];
  /** How many callers work at a time. */
  readonly callers: number;
  /** Operations that one turn is: more than one where asking the clock would take longer than the operation. @default 1 */
  readonly operations?: number;
}

/** How long a contest is. */
export interface Pace {
  readonly passes: number;
  readonly slice: Milliseconds;
}

/** How benches are run. */
export interface Setting extends Pace {
  /** Where the traces lie. @default beside the repository */
  readonly data: string | undefined;
  readonly isQuick: boolean;
}

/** What one contender showed, over all passes. */
export interface Standing {
  readonly title: string;
  /** Operations per second. */
  readonly rate: Spread;
  /** Rate ÷ that of the base just before and after. */
  readonly ratio: Spread;
  /** Microseconds of this process's time on a core per operation. */
  readonly cpu: Spread;
  readonly cpuRatio: Spread;
  /** Microseconds that one operation took; where a turn has many of them, their mean. */
  readonly p50: Spread;
  readonly p95: Spread;
  readonly p99: Spread;
}

/** The result of a contest; the first standing is the base's. */
export interface Outcome {
  readonly title: string;
  readonly standings: readonly Standing[];
}

/** A figure that the issue of speed sets. */
export interface Verdict {
  readonly what: string;
  readonly relation: '>=' | '<=';
  readonly target: number;
  /** `undefined`: there is nothing to measure. */
  readonly figure: number | undefined;
  /** Such as `2.1 to 2.9`, or why there is no figure. */
  readonly spread?: string;
}

/** What one bench found. */
export interface Findings {
  readonly outcomes?: readonly Outcome[];
  /** Further text, as Markdown. */
  readonly text?: readonly string[];
  readonly verdicts: readonly Verdict[];
}

/** A bench that `npm run bench -- NAME` runs. */
export interface Bench {
  readonly name: string;
  readonly run: (setting: Setting) => Promise<Findings>;
}

/** The standing of a title. */
export function standingOf({ standings }: Outcome, title: string): Standing {
  const standing = standings.find((each) => each.title === title);
  if (!standing) throw new Error(`nobody is called ${title} in this contest`);
  return standing;
}

/** A figure of a contest beside its target. */
export function verdict(what: string, figure: Spread, relation: Verdict['relation'], target: number): Verdict {
  const spread = `${figure.min.toFixed(2)} to ${figure.max.toFixed(2)}`;
  return { what, relation, target, figure: figure.median, spread };
}
