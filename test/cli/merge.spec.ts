import { describe, expect, it } from 'vitest';
import { fail, type Finding, pass, unknown, warn } from '../../src/cli/doctor/finding.js';
import { merged } from '../../src/cli/doctor/merge.js';

const of = (...findings: Finding[]): Finding => merged(findings.map((finding, i) => ({ name: `n${i}`, finding })));

describe('what is found of several servers', () => {
  it('is said once where they agree', () => {
    expect(of(pass('yes'), pass('yes'))).toEqual(pass('yes'));
    expect(of(warn('no', 'mend it'))).toEqual(warn('no', 'mend it'));
  });

  it('is the worst, with the servers it was found of', () => {
    expect(of(pass('yes'), warn('slow', 'w'), fail('no', 'f'), unknown('?', 'u'))).toEqual(fail('n2: no', 'f'));
    expect(of(pass('yes'), unknown('?', 'u'))).toEqual(unknown('n1: ?', 'u'));
    expect(of(pass('1 ms'), pass('2 ms'))).toEqual(pass('n0: 1 ms; n1: 2 ms'));
  });

  it('names three servers, and how many more there are', () => {
    expect(of(...['a', 'b', 'c', 'd', 'e'].map((text) => warn(text, text)))).toEqual(
      warn('n0: a; n1: b; n2: c; and 2 more', 'a'),
    );
  });

  it('is unknown where there is none', () => {
    expect(of().status).toBe('unknown');
  });
});
