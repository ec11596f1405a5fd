import { describe, expect, it } from 'vitest';
import { decodeAdvice, encodeAdvice } from './advice-note.js';
import { AdvisedTemplate } from './advised-template.js';
import { RenewalCounts } from './renewal-counts.js';

const bounds = { min: 1_000, max: 100_000 };

function template(label: string, changed = 60): AdvisedTemplate {
  const made = new AdvisedTemplate({ label, declared: 10_000, maxStale: 0.05, bounds }, 1_000);
  const counts = new RenewalCounts();
  for (let i = 0; i < 100; i += 1) counts.add(i < changed ? 'changed' : 'same', 9_999.5, { ttl: 10_000, took: 3 });
  made.saw(counts, 2_000);
  return made;
}

describe('the note of what is known of TTLs', () => {
  it('tells the same when it is read', () => {
    const known = template('user:{id}');
    expect(known.step(3_000)).toEqual({ at: 3_000, from: 10, to: 9 });
    const [written] = decodeAdvice(encodeAdvice([known]));
    const read = AdvisedTemplate.of(written as NonNullable<typeof written>);
    expect(read.written()).toEqual(known.written());
    expect([read.ttl, read.moved]).toEqual([9_000, [{ at: 3_000, from: 10, to: 9 }]]);
    // What was seen before the step counts for no further one.
    expect(read.step(4_000)).toBeUndefined();
  });

  it.each([
    undefined,
    '',
    'null',
    '[]',
    '{"version":2,"templates":[]}',
    '{"version":1,"templates":{}}',
    '{"version":1',
  ])('is empty of %j', (text) => {
    expect(decodeAdvice(text)).toEqual([]);
  });

  it('leaves out what is no template', () => {
    const good = template('user:{id}').written();
    const counts = { ...good.counts, same: [1, null] };
    const text = JSON.stringify({ version: 1, templates: [{ ...good, ttl: 'x' }, { ...good, counts }, good] });
    expect(decodeAdvice(text)).toEqual([JSON.parse(JSON.stringify(good))]);
    expect(decodeAdvice(JSON.stringify({ version: 1, templates: [good, { ...good, counts: 5 }, null] }))).toEqual([]);
  });

  it('is bounded, and drops those of which least was seen', () => {
    const many = Array.from({ length: 600 }, (_, i) => template(`t${i}:{id}`));
    many[0]?.saw(many[1]?.counts as RenewalCounts, 3_000);
    const text = encodeAdvice(many);
    expect(text.length).toBeLessThan(66_000);
    expect(decodeAdvice(text)[0]?.label).toBe('t0:{id}');
  });

  it('does not bind who declares it otherwise', () => {
    const written = template('user:{id}').written();
    const own = { label: 'user:{id}', declared: 10_000, maxStale: 0.05, bounds: { min: 9_500, max: 11_000 } };
    expect(AdvisedTemplate.of({ ...written, ttl: 2_000 }, own).ttl).toBe(9_500);
    expect(AdvisedTemplate.of({ ...written, ttl: 2_000 }, { ...own, bounds: undefined }).ttl).toBe(10_000);
  });

  it('moves no TTL that is declared outside of its bounds', () => {
    const outside = new AdvisedTemplate({ label: 'x', declared: 200_000, maxStale: 0.05, bounds }, 1_000);
    outside.saw(template('x').counts, 2_000);
    expect(outside.step(3_000)).toBeUndefined();
    expect(outside.ttl).toBe(200_000);
  });
});
