import { finiteNumber } from '../../primitives/checks.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { Milliseconds } from '../../primitives/units.js';

/** Milliseconds since the epoch, which may have fractions; a `Date`; or ISO 8601 text with `Z` or an offset. */
export type Instant = Milliseconds | Date | string;

/** The years 1 to 9999, whose ISO text has one length. */
const RANGE = { min: -62_135_596_800_000, max: 253_402_300_799_999 };
// Without an offset it would be another instant on another machine.
const WITH_OFFSET = /(Z|[+-]\d{2}:?\d{2})$/;

/** @throws InvalidOptionError for what is no instant of the years 1 to 9999 */
export function instantOf(name: string, value: unknown): Milliseconds {
  if (value instanceof Date) return finiteNumber(name, value.getTime(), RANGE);
  if (typeof value === 'number') return finiteNumber(name, value, RANGE);
  const parsed = typeof value === 'string' && WITH_OFFSET.test(value) ? Date.parse(value) : Number.NaN;
  if (parsed >= RANGE.min && parsed <= RANGE.max) return parsed;
  throw new InvalidOptionError(
    name,
    'milliseconds since the epoch, a Date, or ISO 8601 text with Z or an offset',
    value,
  );
}

/** The time of which data changed, both ends included. What is left out is without an end. */
export interface ChangedSpan {
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
}

/** A span in milliseconds; `undefined` is without an end. */
export interface Span {
  readonly from: Milliseconds | undefined;
  readonly to: Milliseconds | undefined;
}

/** The span between `from` and `to`, in whichever order they are told; `undefined` for all time. @throws InvalidOptionError */
export function spanOf({ from, to }: ChangedSpan): Span | undefined {
  if (from == null && to == null) return undefined;
  const [first, last] = [
    from == null ? undefined : instantOf('from', from),
    to == null ? undefined : instantOf('to', to),
  ];
  if (first === undefined || last === undefined || first <= last) return { from: first, to: last };
  return { from: last, to: first };
}

/** As `spanOf`; an end that cannot be read counts as none: too much is invalidated then, and never too little. */
export function readableSpan({ from, to }: { readonly from?: unknown; readonly to?: unknown }): Span | undefined {
  return spanOf({ from: readable(from), to: readable(to) });
}

function readable(value: unknown): Milliseconds | undefined {
  try {
    return value == null ? undefined : instantOf('instant', value);
  } catch {
    return undefined;
  }
}
