import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calendar } from './calendar.js';
import type { Span } from './instant.js';
import { bucketTags, withTimeTags } from './time-tags.js';

const NOW = Date.parse('2026-11-23T10:30:00Z');
const HOUR = 3_600_000;
const calendars = [
  new Calendar('hour', 'UTC'),
  new Calendar('day', 'UTC'),
  new Calendar('day', 'Europe/Berlin'),
  new Calendar('month', 'UTC'),
];
const seriesOf = (calendar: Calendar) => [{ calendar, mayCarry: (tag: string) => tag.startsWith('metric:') }];
const told = (span: Span | undefined, calendar: Calendar): readonly string[] =>
  withTimeTags(['metric:cpu'], span, seriesOf(calendar), NOW);

/** Whether a change of `span` reaches the bucket that holds `instant`. */
function reaches(span: Span | undefined, instant: number, calendar: Calendar): boolean {
  const carried = new Set(bucketTags(['metric:cpu'], calendar, calendar.startOf(instant)));
  return told(span, calendar).some((tag) => carried.has(tag));
}

const instants = fc.integer({ min: NOW - 3 * 366 * 24 * HOUR, max: NOW });
const lengths = fc.oneof(fc.integer({ min: 0, max: 60 * HOUR }), fc.integer({ min: 0, max: 900 * 24 * HOUR }));

describe('a change with a time', () => {
  it('reaches every bucket that it touches', () => {
    fc.assert(
      fc.property(
        instants,
        lengths,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(...calendars),
        (from, length, where, calendar) => {
          expect(reaches({ from, to: from + length }, from + Math.floor(length * where), calendar)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reaches no other, up to two days and two months long', () => {
    const short = fc.integer({ min: 0, max: 48 * HOUR });
    fc.assert(
      fc.property(instants, short, instants, fc.constantFrom(...calendars), (from, length, other, calendar) => {
        const touches = calendar.startOf(other) <= from + length && calendar.next(calendar.startOf(other)) > from;
        expect(reaches({ from, to: from + length }, other, calendar)).toBe(touches);
      }),
      { numRuns: 500 },
    );
    const days = { from: Date.parse('2026-01-15T00:00:00Z'), to: Date.parse('2026-03-14T23:59:59Z') };
    const byDay = calendars[1] as Calendar;
    expect(reaches(days, days.from - 1, byDay)).toBe(false);
    expect(reaches(days, days.to + HOUR, byDay)).toBe(false);
  });

  it.each([1, 30, 365, 3650, 36_500])('of %i days is at most 65 tags', (days) => {
    for (const calendar of calendars) {
      const from = NOW - days * 24 * HOUR + 17 * 60_000;
      expect(told({ from, to: NOW }, calendar).length).toBeLessThanOrEqual(65);
      expect(reaches({ from, to: NOW }, from, calendar)).toBe(true);
      expect(reaches({ from, to: NOW }, NOW, calendar)).toBe(true);
    }
  });

  it('names the fewest tags', () => {
    const span = { from: Date.parse('2026-10-30T22:10:00Z'), to: Date.parse('2026-12-01T00:30:00Z') };
    expect(told(span, calendars[0] as Calendar)).toEqual([
      'metric:cpu',
      'metric:cpu:hour:2026-10-30T22',
      'metric:cpu:hour:2026-10-30T23',
      'metric:cpu:hour:2026-10-31',
      'metric:cpu:hour:2026-11',
      'metric:cpu:hour:2026-12-01T00',
    ]);
  });

  it('without an end reaches all that is later, with other clocks a month ahead, and nothing earlier', () => {
    const span = { from: NOW - 5 * HOUR, to: undefined };
    for (const calendar of calendars) {
      expect(reaches(span, NOW, calendar)).toBe(true);
      expect(reaches(span, NOW + 30 * 24 * HOUR, calendar)).toBe(true);
      expect(reaches(span, NOW - 40 * 24 * HOUR, calendar)).toBe(false);
    }
  });

  it('without a beginning, or without a time, reaches everything', () => {
    for (const span of [undefined, { from: undefined, to: NOW }])
      for (const calendar of calendars) expect(reaches(span, NOW - 9999 * HOUR, calendar)).toBe(true);
  });

  it('leaves tags alone that no series carries, and all of them where there are none', () => {
    const byHour = seriesOf(calendars[0] as Calendar);
    expect(withTimeTags(['user:1', '*'], undefined, byHour, NOW)).toEqual(['user:1', '*']);
    expect(withTimeTags(['metric:cpu'], undefined, [], NOW)).toEqual(['metric:cpu']);
  });
});
