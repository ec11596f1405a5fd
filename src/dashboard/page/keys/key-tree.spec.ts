import { describe, expect, it } from 'vitest';
import { type Branch, type Entry, treeOf } from './key-tree.js';

const entries = (...keys: string[]): Entry[] =>
  keys.map((key) => ({ key, template: 'other', state: 'fresh', bytes: 1, tags: [] }));

/** The tree as lines. */
function drawn({ branches, entries: own, path }: Branch, depth = ''): string[] {
  return [
    ...branches.flatMap((branch) => [`${depth}${branch.name} ${branch.size}`, ...drawn(branch, `${depth}  `)]),
    ...own.map(({ key }) => `${depth}${key.slice(path.length)}`),
  ];
}

describe('the tree of keys', () => {
  it('branches by segments, and joins those that do not branch', () => {
    const tree = treeOf(entries('agent:1:stats:7d', 'agent:1:stats:30d', 'agent:2:stats:7d', 'runs:newest', 'plain'));
    expect(drawn(tree)).toEqual([
      'agent: 3',
      '  1:stats: 2',
      '    7d',
      '    30d',
      '  2:stats: 1',
      '    7d',
      'runs: 1',
      '  newest',
      'plain',
    ]);
  });

  it('sorts numbers as numbers', () => {
    expect(drawn(treeOf(entries('user:12', 'user:9', 'user:100')))).toEqual(['user: 3', '  9', '  12', '  100']);
  });

  it('has a key and what begins with it beside each other', () => {
    expect(drawn(treeOf(entries('user:1', 'user:1:profile')))).toEqual(['user: 2', '  1: 1', '    profile', '  1']);
  });

  it('is empty without keys', () => {
    expect(drawn(treeOf([]))).toEqual([]);
  });
});
