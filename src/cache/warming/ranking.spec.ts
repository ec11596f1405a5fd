import { describe, expect, it } from 'vitest';
import { decodeRanking, encodeRanking, merged, NO_RANKING, type Ranking } from './ranking.js';

const HALF_LIFE = 600_000;
const BEFORE: Ranking = {
  at: 1_000,
  keys: [
    ['a', 8],
    ['b', 4],
  ],
};

describe('a ranking', () => {
  it('has what was counted added to what is known', () => {
    expect(merged(BEFORE, new Map([['b', 6]]), 1_000, 10).keys).toEqual([
      ['b', 10],
      ['a', 8],
    ]);
  });

  it('counts what is older by half for each ten minutes', () => {
    const { at, keys } = merged(BEFORE, new Map([['c', 3]]), 1_000 + 2 * HALF_LIFE, 2);
    expect(at).toBe(1_000 + 2 * HALF_LIFE);
    expect(keys).toEqual([
      ['c', 3],
      ['a', 2],
    ]);
  });

  it('counts what another clock calls later as of now', () => {
    expect(merged(BEFORE, new Map(), 0, 10).keys).toEqual(BEFORE.keys);
  });

  it('is read as it was written', () => {
    expect(decodeRanking(encodeRanking(BEFORE))).toEqual(BEFORE);
  });

  it('is a few kB, whatever its keys are called', () => {
    const keys = Array.from({ length: 500 }, (_, i): [string, number] => [`${'k'.repeat(240)}:${i}`, 500 - i]);
    const text = encodeRanking({ at: 1, keys });
    expect(text.length).toBeLessThanOrEqual(17_000);
    expect(decodeRanking(text).keys[0]).toEqual(keys[0]);
  });

  it.each([
    ['nothing', undefined],
    ['no JSON', 'x'],
    ['no list', '{"at":1}'],
    ['a key outside the alphabet', '{"at":1,"keys":[["a b",1]]}'],
    ['a weight that is none', '{"at":1,"keys":[["a","1"]]}'],
  ])('is empty where there is %s', (_what, text) => {
    expect(decodeRanking(text)).toEqual(NO_RANKING);
  });
});
