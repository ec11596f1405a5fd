import { describe, expect, it } from 'vitest';
import { defineKey } from '../../keys/template.js';
import { SystemRandom } from '../../primitives/random.js';
import { Popularity } from './popularity.js';

const Page = defineKey('page:{id}');
const Other = defineKey('other:{id}');

function following(counters = 10): Popularity {
  const popularity = new Popularity(new SystemRandom());
  popularity.follow(new Set([Page.family]), counters);
  return popularity;
}

describe('the popularity of keys', () => {
  it('counts each read of few, of the templates it follows', () => {
    const popularity = following();
    for (const id of [1, 2, 1]) popularity.read(Page({ id }));
    popularity.read(Other({ id: 1 }));
    expect(popularity.take()).toEqual(
      new Map([
        ['page:1', 2],
        ['page:2', 1],
      ]),
    );
    expect(popularity.isEmpty).toBe(true);
  });

  it('counts nothing before it is told what', () => {
    const popularity = new Popularity(new SystemRandom());
    popularity.read(Page({ id: 1 }));
    expect(popularity.isEmpty).toBe(true);
  });

  it('looks at a sample of many reads, and tells about how many there were', () => {
    const popularity = following();
    const [often, seldom] = [Page({ id: 1 }), Page({ id: 2 })];
    for (let i = 0; i < 400_000; i += 1) popularity.read(i % 4 === 0 ? seldom : often);
    const told = popularity.take();
    expect(told.get('page:1')).toBeGreaterThan(270_000);
    expect(told.get('page:1')).toBeLessThan(330_000);
    expect(told.get('page:2')).toBeGreaterThan(80_000);
    expect(told.get('page:2')).toBeLessThan(120_000);
  });
});
