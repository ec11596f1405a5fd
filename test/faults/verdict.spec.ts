import { describe, expect, it } from 'vitest';
import type { Flaw } from './flaws.js';
import type { PhaseReport } from './messages.js';
import { play } from './play.js';
import type { Fault } from './fault.js';
import { complaints, type Run } from './verdict.js';

const PHASE: PhaseReport = {
  ...{ lasted: 800, reads: 400, tiers: { l1: 100, l2: 100, loader: 200 }, changes: 10, wrong: [], mishaps: [] },
  ...{ added: { count: 300, median: 0.2, p99: 5, max: 10 }, longest: 210, pending: 1, stall: 5, commands: 2 },
  ...{ outcomes: { hit: 200, degraded: 200 }, failures: { timeout: 20 }, rejected: {}, circuits: ['read open'] },
  health: {
    ...{ status: 'up', tiers: 'memory and Redis', coherent: true, queuedInvalidations: 0 },
    circuits: { read: 'closed', write: 'closed', invalidation: 'closed' },
  },
  ...{ heap: 20e6, resident: 150e6 },
};
const AFTER: PhaseReport = { ...PHASE, outcomes: { hit: 200, miss: 200 }, failures: {}, circuits: [] };
const RUN: Run = {
  ...{ before: PHASE, onset: PHASE, during: PHASE, recovering: PHASE, after: AFTER },
  ...{ recoveredAfter: 300, exit: 0, output: '', secrets: ['hush-hush'] },
};
const DEGRADED: Pick<Fault, 'reads' | 'tells'> = { reads: 'degraded', tells: ['timeout'] };
const UNAFFECTED: Pick<Fault, 'reads' | 'tells'> = { reads: 'unaffected', tells: [] };

/* The assertions of the suite are one function, so that it can be shown of each that it can fail. */
describe('the verdict on a run', () => {
  it('has nothing to say of a good one', () => {
    expect(complaints(DEGRADED, RUN)).toEqual([]);
    expect(complaints(UNAFFECTED, { ...RUN, onset: AFTER, during: AFTER })).toEqual([]);
  });

  it.each<[string, Partial<Run>]>([
    ['during: wrong answer: x', { during: { ...PHASE, wrong: ['x'] } }],
    ['after: unhandled rejection', { after: { ...AFTER, mishaps: ['unhandled rejection'] } }],
    ['onset: a call took or waits 4100.0 ms', { onset: { ...PHASE, longest: 4_100 } }],
    ['recovering: 501 commands are held by the client', { recovering: { ...PHASE, commands: 501 } }],
    ['told as [], not as timeout', { onset: AFTER, during: { ...PHASE, failures: {} } }],
    ['told as protocol', { during: { ...PHASE, failures: { protocol: 1 } } }],
    ['only 7 reads while it lasted', { during: { ...PHASE, reads: 7 } }],
    ['no read was told to be degraded', { during: { ...PHASE, outcomes: { hit: 400 } } }],
    ['3 reads were taken for misses', { during: { ...PHASE, outcomes: { degraded: 9, miss: 3 } } }],
    ['onset: p99 of 1030.0 ms added', { onset: { ...PHASE, added: { ...PHASE.added, p99: 1_030 } } }],
    ['after: p99 of 2300.0 ms added', { after: { ...AFTER, added: { ...PHASE.added, p99: 2_300 } } }],
    ['median of 1.5 ms added', { during: { ...PHASE, added: { ...PHASE.added, median: 1.5 } } }],
    ['recovered after 5000.0 ms', { recoveredAfter: 5_000 }],
    ['nothing was read from Redis afterwards', { after: { ...AFTER, tiers: { l1: 300, l2: 0, loader: 100 } } }],
    ['2 hits of 400 reads afterwards', { after: { ...AFTER, tiers: { l1: 1, l2: 1, loader: 398 } } }],
    ['20 reads were degraded afterwards', { after: { ...AFTER, outcomes: { degraded: 20 } } }],
    ['failures afterwards: {"timeout":1}', { after: { ...AFTER, failures: { timeout: 1 } } }],
    ['the heap grew by 15000000 bytes', { after: { ...AFTER, heap: 35e6 } }],
    ['resident memory grew by 90000000 bytes', { after: { ...AFTER, resident: 240e6 } }],
    ['the process: SIGABRT', { exit: 'SIGABRT' }],
    ['printed: a warning', { output: 'a warning' }],
    ['a password is shown', { during: { ...PHASE, circuits: ['hush-hush'] } }],
  ])('says: %s', (complaint, change) => {
    expect(complaints(DEGRADED, { ...RUN, ...change })).toEqual([complaint]);
  });

  it('allows for the time that the machine took', () => {
    const stall = 600;
    const slow = { ...PHASE, stall, added: { ...PHASE.added, p99: 1_030 } };
    const after = { ...AFTER, stall, outcomes: { degraded: 5 }, failures: { timeout: 5 } };
    expect(complaints(DEGRADED, { ...RUN, onset: slow, after })).toEqual([]);
    expect(complaints(DEGRADED, { ...RUN, after: { ...after, failures: { protocol: 5 } } })).not.toEqual([]);
  });

  it('allows for an answer that a busy machine lets in before its deadline, where there is one', () => {
    const late = { ...DEGRADED, commandTimeoutMs: 150, answersAfterMs: 200 };
    const during = { ...PHASE, stall: 60, outcomes: { degraded: 9, miss: 1 } };
    expect(complaints(late, { ...RUN, during })).toEqual([]);
    expect(complaints(late, { ...RUN, during: { ...during, stall: 5 } })).not.toEqual([]);
    expect(complaints(DEGRADED, { ...RUN, during })).not.toEqual([]);
  });

  it('says that there is no recovery', () => {
    expect(complaints(DEGRADED, { ...RUN, recoveredAfter: null })).toEqual([expect.stringMatching(/^no recovery/)]);
  });

  it('says what should not have been affected, or rejected, or told', () => {
    const during = { ...AFTER, outcomes: { degraded: 2 }, failures: { protocol: 1 } };
    expect(complaints({ ...UNAFFECTED, rejects: ['corrupt'] }, { ...RUN, onset: AFTER, during })).toEqual([
      'told as protocol',
      '2 reads were degraded',
      'no entry was rejected as corrupt',
    ]);
  });
});

describe.concurrent('the suite notices a cache or a process that', { timeout: 180_000 }, () => {
  it.each<[Flaw, string, RegExp, number]>([
    ['stale', 'loses invalidations', /wrong answer: .*was invalidated/, 3_000],
    ['slow', 'takes its time', /p99 of \d+.* added/, 0],
    ['hangs', 'never answers', /a call took or waits/, 4_500],
    ['rejects', 'leaves a rejection unhandled', /unhandled rejection: Error: nobody listens/, 0],
    ['leaks', 'leaks memory', /the heap grew/, 0],
    ['stays', 'does not end', /the process: still there/, 0],
  ])('is flawed (%s): %s', async (flaw, _, complaint, lasts) => {
    const nothing: Fault = {
      ...UNAFFECTED,
      name: 'nothing',
      lasts,
      inflict: () => Promise.resolve(() => Promise.resolve()),
    };
    expect(complaints(nothing, await play(nothing, { flaw }))).toContainEqual(expect.stringMatching(complaint));
  });
});
