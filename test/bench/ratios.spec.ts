import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Ratios } from '../../bench/speed/guard.js';

/** A machine that is busy, or another one, is not twice as unfair to one of two that take turns. */
const GROSS = 0.5;
const LIMIT_MS = 120_000;

const expected = JSON.parse(readFileSync('bench/expected-ratios.json', 'utf8')) as Ratios;

describe('what operations cost beside the plainest way to do the same', () => {
  let measured: Ratios;

  beforeAll(async () => {
    const words = ['--import', 'tsx', 'bench/speed/guard.ts', '--source'];
    const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: LIMIT_MS });
    measured = JSON.parse(stdout) as Ratios;
  }, LIMIT_MS);

  it.each(Object.entries(expected))('%s is not half of what it was, %d', (what, ratio) => {
    expect(measured[what]).toBeGreaterThan(GROSS * ratio);
  });
});
