import { describe, expect, it } from 'vitest';
import { Fence, KeyMarks } from './fence.js';
import { Generations } from './generations.js';

describe('Fence', () => {
  it('is broken by an invalidation of its key', () => {
    const marks = new KeyMarks();
    const fence = new Fence(marks.take('k'), []);
    expect(fence.intact).toBe(true);

    marks.break('other');
    expect(fence.intact).toBe(true);
    marks.break('k');

    expect(fence.intact).toBe(false);
  });

  it('is broken by a change of one of its tags, not by learning one', () => {
    const generations = new Generations(10);
    const [a, b] = [generations.of('a'), generations.of('b')];
    const fence = new Fence(new KeyMarks().take('k'), [a, b]);

    generations.learn(a, 'one');
    expect(fence.intact).toBe(true);
    generations.change('b', 'two');

    expect([fence.intact, fence.tagIntact(a), fence.tagIntact(b)]).toEqual([false, true, false]);
  });

  it('watches a further tag from then on', () => {
    const generations = new Generations(10);
    const late = generations.of('late');
    const fence = new Fence(new KeyMarks().take('k'), []);
    generations.change('late', 'before');

    fence.watch(late);
    expect(fence.intact).toBe(true);
    generations.change('late', 'after');

    expect(fence.intact).toBe(false);
  });

  it('does not begin anew with a tag that it watches already', () => {
    const generations = new Generations(10);
    const state = generations.of('t');
    const fence = new Fence(new KeyMarks().take('k'), [state]);
    generations.change('t', 'one');

    fence.watch(state);

    expect(fence.intact).toBe(false);
  });
});

describe('KeyMarks', () => {
  it('gives those who hold a key together one mark, and breaks it for all', () => {
    const marks = new KeyMarks();
    const [one, other] = [marks.take('k'), marks.take('k')];
    expect(one).toBe(other);

    marks.break('k');

    expect([one.broken, other.broken]).toEqual([true, true]);
  });

  it('gives who comes after an invalidation a whole one', () => {
    const marks = new KeyMarks();
    const before = marks.take('k');
    marks.break('k');
    const after = marks.take('k');

    marks.give('k', before);
    marks.break('k');

    expect([before.broken, after.broken]).toEqual([true, true]);
    expect(after).not.toBe(before);
  });

  it('forgets a key with its last holder', () => {
    const marks = new KeyMarks();
    const [mark] = [marks.take('k'), marks.take('k')];
    marks.give('k', mark);
    marks.give('k', mark);

    marks.break('k');

    expect(mark.broken).toBe(false);
  });

  it('breaks all that a rule accepts', () => {
    const marks = new KeyMarks();
    const [a, b] = [marks.take('a:1'), marks.take('b:1')];

    marks.breakWhere((key) => key.startsWith('a:'));

    expect([a.broken, b.broken]).toEqual([true, false]);
  });
});
