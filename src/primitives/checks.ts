import { InvalidOptionError } from './errors.js';

/** The range that a numeric option accepts, both ends included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** `value` when it is a whole number in `range`. @throws InvalidOptionError */
export function wholeNumber(name: string, value: unknown, range: Range): number {
  if (Number.isInteger(value) && inRange(value as number, range)) return value as number;
  throw new InvalidOptionError(name, `a whole number from ${range.min} to ${range.max}`, value);
}

/** `value` when it is a finite number in `range`. @throws InvalidOptionError */
export function finiteNumber(name: string, value: unknown, range: Range): number {
  if (Number.isFinite(value) && inRange(value as number, range)) return value as number;
  throw new InvalidOptionError(name, `a number from ${range.min} to ${range.max}`, value);
}

function inRange(value: number, { min, max }: Range): boolean {
  return value >= min && value <= max;
}
