import { describe, expect, it } from 'vitest';
import { adviceOf, type Advised, type Compared } from './advice.js';

const EXPIRED: Advised = {
  hits: { l1: 600, l2: 0 },
  misses: 400,
  missesByCause: { expired: 390 },
  meanLoad: 0.1,
  loads: { count: 400, failed: 0, rejected: 0 },
  spotChecks: { consistent: 0, inconsistent: 0 },
  memory: null,
  ttl: 60,
  hasEvent: true,
};

function compared(ttl: number, recommended: number | null): Compared {
  const rest = { grace: 0, refreshAhead: 1, loadsSaved: 0, staleShare: 0 };
  return { ttl, recommended: recommended === null ? null : { ttl: recommended, ...rest }, reason: 'was compared' };
}

describe('advice on a template', () => {
  it('is guessed by its misses where nothing was compared', () => {
    expect(adviceOf(EXPIRED)).toMatchObject({ kind: 'longer', reason: expect.stringContaining('98 %') as unknown });
    expect(adviceOf(EXPIRED, [compared(60, null)])).toMatchObject({ kind: 'longer' });
  });

  it('is what was compared, where that is enough', () => {
    expect(adviceOf(EXPIRED, [compared(60, 20)])).toEqual({ kind: 'shorter', reason: 'was compared' });
    expect(adviceOf(EXPIRED, [compared(60, 62), compared(600, 900)])).toMatchObject({ kind: 'longer' });
  });

  it('is none where the TTL is shown to be right', () => {
    expect(adviceOf(EXPIRED, [compared(60, 62)])).toBeNull();
  });

  it('is first of all about what spot checks found', () => {
    const found = { ...EXPIRED, spotChecks: { consistent: 9, inconsistent: 1 } };
    expect(adviceOf(found, [compared(60, 20)])).toMatchObject({ kind: 'event' });
  });
});
