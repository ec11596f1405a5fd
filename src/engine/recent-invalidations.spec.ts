import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { EVERYTHING } from './generations.js';
import { InvalidationBatch } from './invalidation-batch.js';
import { RecentInvalidations } from './recent-invalidations.js';

const batchOf = (...tags: string[]): InvalidationBatch => {
  const batch = new InvalidationBatch();
  batch.add({ tags, cause: 'test' });
  return batch;
};

describe('RecentInvalidations', () => {
  it('remembers those of the last minute, in one batch', async () => {
    const clock = new ManualClock();
    const recent = new RecentInvalidations(clock, 100);
    recent.remember(batchOf('old'));
    await clock.advance(30_000);
    recent.remember(batchOf('young', 'other'));
    expect([...recent.all().tags.keys()]).toEqual(['old', 'young', 'other']);

    await clock.advance(30_001);

    expect([...recent.all().tags.keys()]).toEqual(['young', 'other']);
    await clock.advance(60_000);
    expect(recent.all().size).toBe(0);
  });

  it('becomes one invalidation of everything beyond its limit, which is remembered as long', async () => {
    const clock = new ManualClock();
    const recent = new RecentInvalidations(clock, 3);
    recent.remember(batchOf('a', 'b'));
    recent.remember(batchOf('c', 'd'));

    expect([...recent.all().tags.keys()]).toEqual([EVERYTHING]);
    await clock.advance(59_000);
    expect([...recent.all().tags.keys()]).toEqual([EVERYTHING]);
  });

  it('counts a tag that is invalidated again and again once', () => {
    const recent = new RecentInvalidations(new ManualClock(), 3);
    for (let i = 0; i < 100; i++) recent.remember(batchOf('a'));

    expect([...recent.all().tags.keys()]).toEqual(['a']);
  });
});
