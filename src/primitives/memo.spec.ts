import { describe, expect, it } from 'vitest';
import { Memo } from './memo.js';

function counted(size: number) {
  const made: string[] = [];
  const memo = new Memo(size, (text: string) => {
    made.push(text);
    if (text === '') throw new Error('nothing to make');
    return { text };
  });
  return { made, memo };
}

describe('Memo', () => {
  it('makes once what is asked for again', () => {
    const { made, memo } = counted(2);
    expect(memo.of('a')).toBe(memo.of('a'));
    expect(made).toEqual(['a']);
  });

  it('keeps what is in use while others come and go', () => {
    const { made, memo } = counted(4);
    for (let i = 0; i < 100; i++) {
      memo.of('used');
      memo.of(`other ${i}`);
    }
    expect(made.filter((text) => text === 'used')).toEqual(['used']);
  });

  it('forgets what was not asked for while twice as many as it keeps came', () => {
    const { made, memo } = counted(2);
    for (const text of ['a', 'b', 'c', 'd', 'e', 'a']) memo.of(text);
    expect(made).toEqual(['a', 'b', 'c', 'd', 'e', 'a']);
  });

  it('keeps nothing of what throws', () => {
    const { made, memo } = counted(2);
    expect(() => memo.of('')).toThrow('nothing to make');
    expect(() => memo.of('')).toThrow('nothing to make');
    expect(made).toEqual(['', '']);
  });
});
