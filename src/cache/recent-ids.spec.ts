import { describe, expect, it } from 'vitest';
import { RecentIds } from './recent-ids.js';

describe('RecentIds', () => {
  it('knows an id that it has seen', () => {
    const ids = new RecentIds();

    expect([ids.add('a'), ids.add('a'), ids.add('b')]).toEqual([true, false, true]);
  });

  it('forgets the oldest beyond its limit', () => {
    const ids = new RecentIds(2);
    for (const id of ['a', 'b', 'c']) ids.add(id);

    expect([ids.add('c'), ids.add('b'), ids.add('a')]).toEqual([false, false, true]);
  });
});
