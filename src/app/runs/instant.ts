import { ValidateBy } from 'class-validator';
import { systemNow } from '../analytics/now.js';

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Clocks of other machines may be ahead by this much. */
const TOLERANCE_MS = 60_000;

/**
 * An instant that has passed. With its offset: without one it would be another time on another machine. Not in the future:
 * such a run would enter its windows later by itself, with no event to invalidate the answers that lack it.
 */
export function IsPastInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isPastInstant',
    validator: {
      validate: isPastInstant,
      defaultMessage: () =>
        '$property must be an instant that has passed, such as 2026-01-31T12:00:00Z (ISO 8601 with Z or an offset)',
    },
  });
}

function isPastInstant(value: unknown): boolean {
  if (typeof value !== 'string' || !ISO_8601.test(value)) return false;
  const at = Date.parse(value);
  return Number.isFinite(at) && at <= systemNow().getTime() + TOLERANCE_MS;
}
