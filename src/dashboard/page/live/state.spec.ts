import { describe, expect, it } from 'vitest';
import type { Overview, Snapshot, TemplateRow, Tick } from '../../contract.js';
import { ratioAt } from './samples.js';
import { afterSnapshot, afterTick, type LiveState, NOTHING_YET } from './state.js';

const overview = (hits: number, misses: number): Overview => ({
  hits,
  misses,
  hitRatio: null,
  operations: hits + misses,
  operationsPerSecond: 0,
  latency: null,
  errors: {},
  memory: { entries: 0, bytes: 0, evictions: 0, maxEntries: 1, maxBytes: 1 },
  coherenceLag: null,
  coherenceWindow: 0,
  instances: [],
});

const row = (template: string, misses: number): TemplateRow => ({
  template,
  hits: { l1: 0, l2: 0 },
  misses,
  missesByCause: {},
  hitRatio: null,
  staleServed: {},
  coalesced: 0,
  loads: { count: 0, failed: 0, rejected: 0 },
  meanLoad: null,
  timeSaved: 0,
  expensiveMisses: 0,
  spotChecks: { consistent: 0, inconsistent: 0 },
  memory: null,
  ttl: null,
  advice: null,
  hasLoader: false,
});

const health: Snapshot['health'] = {
  status: 'up',
  tiers: 'memory',
  coherent: true,
  queuedInvalidations: 0,
  circuits: { read: 'closed', write: 'closed', invalidation: 'closed' },
};

const snapshot = (startedAt: number, at: number): Snapshot => ({
  at,
  version: '1',
  startedAt,
  readOnly: false,
  values: 'plain',
  visitor: '',
  target: 0.8,
  health,
  caches: { default: { origin: 'here', prefix: 'p', templates: [row('a', 1), row('b', 1)], overview: overview(0, 2) } },
});

const tick = (at: number, hits: number, templates: readonly TemplateRow[]): Tick => ({
  at,
  health,
  caches: { default: { overview: overview(hits, 2), templates } },
});

const cacheOf = (state: LiveState): LiveState['caches'][string] => {
  const found = state.caches['default'];
  if (!found) throw new Error('no cache');
  return found;
};

describe('what the stream has told', () => {
  const opened = afterSnapshot(NOTHING_YET, snapshot(1, 1000));

  it('replaces templates that changed, and counts their reads for the sparkline', () => {
    const cache = cacheOf(afterTick(opened, tick(2000, 5, [row('a', 6)])));
    expect([...cache.templates.values()].map(({ misses }) => misses)).toEqual([6, 1]);
    expect([cache.sparks.get('a'), cache.sparks.get('b')]).toEqual([[5], [0]]);
  });

  it('goes on with its plots when the stream comes back, and begins anew with another process', () => {
    const grown = afterTick(opened, tick(2000, 0, []));
    expect(cacheOf(afterSnapshot(grown, snapshot(1, 3000))).samples).toHaveLength(3);
    expect(cacheOf(afterSnapshot(grown, snapshot(9, 3000))).samples).toHaveLength(1);
  });

  it('has a ratio of the last samples, and none where nobody read', () => {
    const { samples } = cacheOf(afterTick(afterTick(opened, tick(2000, 6, [])), tick(3000, 6, [])));
    expect([ratioAt(samples, 0), ratioAt(samples, 1), ratioAt(samples, 2, 1)]).toEqual([null, 1, null]);
  });

  it('keeps ten minutes', () => {
    let state = opened;
    for (let i = 0; i < 700; i += 1) state = afterTick(state, tick(2000 + i, i, []));
    expect(cacheOf(state).samples).toHaveLength(600);
  });
});
