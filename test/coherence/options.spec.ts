import { describe, expect, it } from 'vitest';
import { parseOptions, QUIET } from './options.js';
import { runOnce } from './run.js';

describe('a fault that a place cannot have', () => {
  it.each([
    ['standalone', 'kill-primary'],
    ['sentinel', 'move-slots'],
    ['cluster', 'evict'],
  ])('is refused: %s, %s', (topology, fault) => {
    expect(() => parseOptions(['--topology', topology, '--faults', fault])).toThrow(
      new RegExp(`^--faults with ${topology} must be one of none, .*; received ${fault}$`),
    );
  });

  it('is not taken for one that did no harm', async () => {
    const { faults, mishaps } = await runOnce({
      ...QUIET,
      ...{ seed: 3, processes: 1, seconds: 3, mode: 'mixed', writes: 30, faults: ['move-slots'] },
    });
    expect(faults).toBe(0);
    expect(mishaps).toEqual([
      expect.stringMatching(/^move-slots was tried \d+ times and never done: Error: there is nothing to do it to$/),
    ]);
  });
});
