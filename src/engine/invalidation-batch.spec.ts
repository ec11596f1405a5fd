import { describe, expect, it } from 'vitest';
import { EVERYTHING } from './generations.js';
import { InvalidationBatch } from './invalidation-batch.js';

const batchOf = (...names: string[]): InvalidationBatch => {
  const batch = new InvalidationBatch();
  batch.add({ tags: names, cause: 'first' });
  return batch;
};

describe('InvalidationBatch', () => {
  it('holds each tag, key and pattern once, with the last cause', () => {
    const batch = new InvalidationBatch();
    batch.add({ tags: ['t'], keys: ['k'], patterns: ['p:*'], cause: 'first' });
    batch.add({ tags: ['t'], keys: ['k'], patterns: ['p:*'], cause: 'second' });

    expect([...batch.tags, ...batch.patterns]).toEqual([
      ['t', 'second'],
      ['p:*', 'second'],
    ]);
    expect(batch.keys.get('k')).toEqual({ cause: 'second', remove: true });
    expect(batch.size).toBe(3);
  });

  it('removes a key that is announced and invalidated, in whatever order', () => {
    const [one, other] = [new InvalidationBatch(), new InvalidationBatch()];
    one.announce('k', 'set');
    one.add({ keys: ['k'], cause: 'delete' });
    other.add({ keys: ['k'], cause: 'delete' });
    other.announce('k', 'set');

    expect([one.keys.get('k'), other.keys.get('k')]).toEqual(Array(2).fill({ cause: 'delete', remove: true }));
  });

  it('removes what another batch could not even announce: the entry may be the old one', () => {
    const unsent = new InvalidationBatch();
    unsent.announce('k', 'set');
    const batch = new InvalidationBatch();

    batch.absorb(unsent);

    expect(batch.keys.get('k')).toEqual({ cause: 'set', remove: true });
  });

  it('takes over tags and patterns of another', () => {
    const batch = batchOf('a');
    const other = batchOf('a', 'b');
    other.add({ patterns: ['p:*'], cause: 'glob' });

    batch.absorb(other);

    expect([[...batch.tags.keys()], [...batch.patterns.keys()]]).toEqual([['a', 'b'], ['p:*']]);
  });

  it('becomes one invalidation of everything beyond its limit, not at it', () => {
    const [at, beyond] = [batchOf('a', 'b'), batchOf('a', 'b', 'c')];

    for (const batch of [at, beyond]) batch.collapseBeyond(2);

    expect([...at.tags.keys()]).toEqual(['a', 'b']);
    expect([...beyond.tags]).toEqual([[EVERYTHING, '3 queued invalidations collapsed']]);
    expect(beyond.size).toBe(1);
  });
});
