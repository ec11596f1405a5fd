import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BucketUnit, Calendar } from './calendar.js';

const HOUR = 3_600_000;
const utc = new Calendar('day', 'UTC');
const at = (text: string): number => Date.parse(text);
const CALENDARS = [
  new Calendar('hour', 'UTC'),
  ...[
    'UTC',
    'Europe/Berlin',
    'America/Sao_Paulo',
    'America/St_Johns',
    'Pacific/Apia',
    'Asia/Kolkata',
    'Etc/GMT+1',
  ].flatMap((zone) => (['day', 'month'] as const).map((unit) => new Calendar(unit, zone))),
];

describe('a calendar', () => {
  it('cuts time without gaps or overlaps, and finds each bucket by its name', () => {
    const instants = fc.integer({ min: at('1985-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') });
    fc.assert(
      fc.property(instants, fc.constantFrom(...CALENDARS), (instant, calendar) => {
        const start = calendar.startOf(instant);
        const next = calendar.next(start);
        expect(start).toBeLessThanOrEqual(instant);
        expect(next).toBeGreaterThan(instant);
        expect(calendar.startOf(start)).toBe(start);
        expect(calendar.startOf(next - 1)).toBe(start);
        expect(calendar.startOf(next)).toBe(next);
        expect(calendar.startFrom(calendar.label(start))).toBe(start);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00Z', 23],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00Z', 25],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z', 23],
    ['Asia/Kolkata', '2026-01-01', '2025-12-31T18:30:00Z', 24],
  ])('of %s has the day %s from %s for %i hours', (zone, label, start, hours) => {
    const calendar = new Calendar('day', zone);
    expect(calendar.startFrom(label)).toBe(at(start));
    expect(calendar.next(at(start)) - at(start)).toBe(hours * HOUR);
    expect(calendar.label(at(start))).toBe(label);
  });

  it('leaves out a day that a place has skipped', () => {
    const apia = new Calendar('day', 'Pacific/Apia');
    const start = apia.startFrom('2011-12-29') as number;
    expect(apia.label(apia.next(start))).toBe('2011-12-31');
    expect(apia.startFrom('2011-12-30')).toBeUndefined();
  });

  it.each(['', '2026', '2026-13', '2026-02-30', '2026-02-03T10', 'x', '2026-2-3'])(
    'has no bucket called %j',
    (label) => {
      expect(utc.startFrom(label)).toBeUndefined();
    },
  );

  it.each([
    ['week', 'UTC', "bucket must be 'hour', 'day' or 'month'; received \"week\""],
    ['day', 'Europe/Nowhere', 'zone must be an IANA time zone such as Europe/Berlin; received "Europe/Nowhere"'],
    ['hour', 'Europe/Berlin', 'zone must be left out'],
  ])('of a %s in %s is refused', (unit, zone, message) => {
    expect(() => new Calendar(unit as BucketUnit, zone)).toThrow(message);
  });
});
