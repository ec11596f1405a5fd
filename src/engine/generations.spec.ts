import { describe, expect, it } from 'vitest';
import { Generations, type TagState } from './generations.js';

describe('Generations', () => {
  it('knows nothing of a tag at first, and has one state for it', () => {
    const generations = new Generations(10);
    const state = generations.of('t');

    expect(state).toEqual({ tag: 't', token: undefined, epoch: 0, holders: 0 });
    expect(generations.of('t')).toBe(state);
    expect(generations.size).toBe(1);
  });

  it('invalidates nothing by learning what was unknown or known already, and all by learning something else', () => {
    const generations = new Generations(10);
    const state = generations.of('t');

    generations.learn(state, 'one');
    generations.learn(state, 'one');
    expect(state).toMatchObject({ token: 'one', epoch: 0 });
    generations.learn(state, 'two');

    expect(state).toMatchObject({ token: 'two', epoch: 1 });
  });

  it('invalidates by a change, known or not, and once by the same one told twice', () => {
    const generations = new Generations(10);
    const state = generations.of('t');

    generations.change('t', 'one');
    generations.change('t', 'one');
    expect(state).toMatchObject({ token: undefined, epoch: 1 });
    generations.change('t', undefined);
    generations.change('t', undefined);

    expect(state).toMatchObject({ token: undefined, epoch: 3 });
  });

  it('never believes the generation that a change tells, which may be dead already', () => {
    const generations = new Generations(10);
    const state = generations.of('t');

    generations.change('t', 'second');
    generations.learn(state, 'second');
    generations.change('t', 'first, told late');

    expect(state).toMatchObject({ token: undefined, epoch: 2 });
  });

  it('never drops the tag that all entries carry', () => {
    const generations = new Generations(2);
    const everything = generations.of('*');

    for (const tag of ['a', 'b', 'c']) generations.of(tag);

    expect(generations.of('*')).toBe(everything);
    expect(everything.epoch).toBe(0);
  });

  it('remembers no tag that was changed and never asked for', () => {
    const generations = new Generations(10);
    generations.change('t', 'one');

    expect(generations.size).toBe(0);
  });

  it('forgets all that it knew, and makes what relied on it invalid', () => {
    const generations = new Generations(10);
    const states = ['a', 'b'].map((tag) => generations.of(tag));
    for (const state of states) generations.learn(state, 'one');

    generations.forgetAll();

    expect(states).toEqual([
      { tag: 'a', token: undefined, epoch: 1, holders: 0 },
      { tag: 'b', token: undefined, epoch: 1, holders: 0 },
    ]);
  });

  it('is bounded; what it drops becomes invalid, as no invalidation would reach it', () => {
    const generations = new Generations(2);
    const [a, b, c] = ['a', 'b', 'c'].map((tag) => generations.of(tag));

    expect(generations.size).toBe(2);
    expect([a?.epoch, b?.epoch, c?.epoch]).toEqual([NaN, 0, 0]);
    expect(generations.of('a')).not.toBe(a);
  });

  it('forgets the oldest of those that no entry carries when these are too many', () => {
    const generations = new Generations(10, 2);
    const held = (tag: string): TagState => {
      const state = generations.of(tag);
      generations.hold([state]);
      return state;
    };
    const [a, b, c] = [held('a'), held('b'), held('c')];

    generations.release([a, b]);
    generations.hold([b]);
    generations.release([c]);
    expect([generations.size, a.epoch, b.epoch, c.epoch]).toEqual([3, 0, 0, 0]);
    generations.release([b]);

    expect([generations.size, a.epoch, b.epoch, c.epoch]).toEqual([2, NaN, 0, 0]);
  });

  it('drops none that an entry carries while there is another', () => {
    const generations = new Generations(2);
    const held = generations.of('held');
    generations.hold([held]);

    for (const tag of ['a', 'b', 'c']) generations.of(tag);

    expect([generations.size, generations.of('held')]).toEqual([2, held]);
  });

  it('believes neither of two answers that came in another order than their questions went', () => {
    const generations = new Generations(10);
    const state = generations.of('t');
    const known = state.token;
    generations.learnSince(state, state.token, 'newer');
    generations.change('t', 'newer');
    generations.learnSince(state, known, 'older');
    expect(state.token).toBeUndefined();
    expect(state.epoch).toBe(generations.changes);
  });
});
