import { isKey } from '../../keys/alphabet.js';
import type { Milliseconds } from '../../primitives/units.js';

/** Keys with how much they are read, most first, as it was at an instant. */
export interface Ranking {
  readonly at: Milliseconds;
  readonly keys: readonly (readonly [name: string, weight: number])[];
}

/** After so long a read counts half as much. */
const HALF_LIFE: Milliseconds = 600_000;
const MOST_BYTES = 16_384;

/** Where nobody has ranked anything yet. */
export const NO_RANKING: Ranking = Object.freeze({ at: 0, keys: [] });

/** What was counted, added to what was known before, which counts the less the older it is. */
export function merged(
  before: Ranking,
  counted: ReadonlyMap<string, number>,
  now: Milliseconds,
  most: number,
): Ranking {
  // Instances' clocks differ: what was written "later" than now is as if it were of now.
  const rest = 0.5 ** (Math.max(0, now - before.at) / HALF_LIFE);
  const weights = new Map(before.keys.map(([name, weight]) => [name, weight * rest]));
  for (const [name, count] of counted) weights.set(name, (weights.get(name) ?? 0) + count);
  const keys = [...weights].sort(([, a], [, b]) => b - a);
  return { at: now, keys: keys.slice(0, most) };
}

/** As text of a few kB: of keys whose names are very long, fewer. */
export function encodeRanking({ at, keys }: Ranking): string {
  let bytes = 0;
  const told = keys.map(([name, weight]): [string, number] => [name, Number(weight.toPrecision(3))]);
  const fitting = told.filter((each) => (bytes += JSON.stringify(each).length + 1) <= MOST_BYTES);
  return JSON.stringify({ at: Math.round(at), keys: fitting });
}

/** What was written; of what this version cannot read, nothing. */
export function decodeRanking(text: string | undefined): Ranking {
  try {
    const { at, keys } = JSON.parse(text ?? '') as Partial<Ranking>;
    return Number.isFinite(at) && Array.isArray(keys) && keys.every(isRanked) ? { at: at as number, keys } : NO_RANKING;
  } catch {
    return NO_RANKING;
  }
}

function isRanked(value: unknown): value is [string, number] {
  return Array.isArray(value) && isKey(value[0]) && Number.isFinite(value[1]);
}
