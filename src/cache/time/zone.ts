import { InvalidOptionError } from '../../primitives/errors.js';
import type { Milliseconds } from '../../primitives/units.js';

/** How far the clocks of a place are ahead of UTC at an instant. */
export type OffsetAt = (instant: Milliseconds) => Milliseconds;

const FIELDS = {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const;

/** The offsets of an IANA time zone such as `Europe/Berlin`, by the data of the runtime. @throws InvalidOptionError */
export function offsetsOf(zone: unknown): OffsetAt {
  if (zone === 'UTC') return () => 0;
  const format = formatOf(zone);
  return (instant) => {
    const fields: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instant)) fields[type] = Number(value);
    const { year = 0, month = 1, day, hour, minute, second } = fields;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
  };
}

function formatOf(zone: unknown): Intl.DateTimeFormat {
  try {
    if (typeof zone === 'string')
      return new Intl.DateTimeFormat('en-US', { ...FIELDS, timeZone: zone, hourCycle: 'h23', calendar: 'gregory' });
  } catch {
    // A RangeError that says the same.
  }
  throw new InvalidOptionError('zone', 'an IANA time zone such as Europe/Berlin', zone);
}
