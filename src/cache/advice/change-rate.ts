import type { RenewalCounts } from './renewal-counts.js';

/** How often a value changes without an invalidation, per millisecond, with the bounds of 95 % confidence. */
export interface ChangeRate {
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

type Seen = Pick<RenewalCounts, 'changes' | 'sameAges' | 'meanAge' | 'compared'>;

/** From once in a millennium to a million times a millisecond. */
const [SLOWEST, FASTEST] = [1e-14, 1e6];
const STEPS = 100;
/** Half of 1.96²: so far below its highest the logarithm of the likelihood is at the bounds. */
const DROP = 1.920_729;
/** A rate at which nothing is seen with a chance of 5 %, times the time that was looked at. */
const NOTHING_SEEN = -Math.log(0.05);

/**
 * The rate at which values change, by whether they had when they were loaded again: by what age is known, and not when.
 * Taken as chance that does not depend on the age (a Poisson process), so `changed` by age a with 1 - exp(-rate a): the rate
 * that makes what was seen the likeliest, with half of an unchanged value of the mean age more. Where all ages are equal
 * that is the bias-reduced estimator of J. Cho and H. Garcia-Molina, Estimating Frequency of Change, ACM Transactions on
 * Internet Technology 3, 2003; without the half it would be infinite where every value had changed.
 */
export function changeRateOf(seen: Seen): ChangeRate | undefined {
  if (seen.compared === 0) return undefined;
  const unchanged = seen.sameAges + seen.meanAge / 2;
  if (seen.changes.length === 0) return { rate: 0, low: 0, high: NOTHING_SEEN / unchanged };
  const rate = crossing((rate) => slope(seen, unchanged, rate), SLOWEST, FASTEST);
  const floor = logLikelihood(seen, unchanged, rate) - DROP;
  const above = (rate: number): number => logLikelihood(seen, unchanged, rate) - floor;
  return { rate, low: crossing((each) => -above(each), SLOWEST, rate), high: crossing(above, rate, FASTEST) };
}

/** Of the logarithm of the likelihood: falls all the way, and crosses zero at its highest. */
function slope({ changes }: Seen, unchanged: number, rate: number): number {
  let sum = -unchanged;
  for (const { count, age } of changes) sum += (count * age) / Math.expm1(rate * age);
  return sum;
}

function logLikelihood({ changes }: Seen, unchanged: number, rate: number): number {
  let sum = -rate * unchanged;
  for (const { count, age } of changes) sum += count * Math.log(-Math.expm1(-rate * age));
  return sum;
}

/** Where what falls from above zero to below it is zero; the nearer end where it does not. By halves of the ratio. */
function crossing(falling: (rate: number) => number, low: number, high: number): number {
  let [below, above] = [low, high];
  for (let i = 0; i < STEPS; i += 1) {
    const middle = Math.sqrt(below * above);
    if (falling(middle) > 0) below = middle;
    else above = middle;
  }
  return Math.sqrt(below * above);
}
