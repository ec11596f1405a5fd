import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.js';
import { defineKey } from '../../keys/template.js';
import { DOMAIN_RULES, defineRule } from '../invalidation-rules.js';
import { RuleBook } from './rule-book.js';

const HOUR = 3_600_000;
const OFFERS = defineKey('offers:{region}', { tags: ({ region }) => [`prices:${region}`] });
const PUBLISHED = defineRule<{ region: string }>({
  ...{ event: 'prices.published', description: 'prices of the region' },
  tags: ({ region }) => [`prices:${region}`],
});
const CORRECTED = { ...PUBLISHED, event: 'prices.corrected' };

function bookOf(except: readonly string[] = []) {
  const clock = new ManualClock();
  const options = { templates: [OFFERS], timeSeries: [], coverage: { onFinding: 'warn' as const, except } };
  return { clock, book: new RuleBook(clock, options, [...DOMAIN_RULES, PUBLISHED, CORRECTED]) };
}

const named = (findings: RuleBook['standing']): string[] => findings.map(({ kind, name }) => `${kind} ${name}`);

describe('an event of the application', () => {
  it('that was never emitted is a finding after an hour, those of the domain are not', async () => {
    const { book, clock } = bookOf();
    expect(book.look().findings).toEqual([]);
    await clock.advance(HOUR - 1);
    expect(book.coverage().findings).toEqual([]);
    book.saw(PUBLISHED);
    await clock.advance(1);
    expect(named(book.coverage().findings)).toEqual(['event-never-emitted prices.corrected']);
    expect(named(book.standing)).toEqual(['event-never-emitted prices.corrected']);
    expect(book.standing[0]?.message).toMatch(/^The event prices\.corrected was not emitted in the 1 h since/);
    book.saw(CORRECTED);
    expect(book.standing).toEqual([]);
  });

  it('that is meant to be rare is none', async () => {
    const { book, clock } = bookOf(['prices.corrected', 'prices.published']);
    book.look();
    await clock.advance(2 * HOUR);
    expect([book.standing, book.coverage().findings]).toEqual([[], []]);
  });
});

describe('where nobody looked at the start', () => {
  it('nothing stands', async () => {
    const { book, clock } = bookOf();
    await clock.advance(2 * HOUR);
    expect(book.standing).toEqual([]);
    expect(book.coverage().findings).toHaveLength(2);
  });
});
