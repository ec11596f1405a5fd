import type { Run } from '../../../src/app/analytics/run.js';
import { RUN_STATUSES } from '../../../src/app/database/schema.js';

/** The end of the invented history. */
export const NOW = new Date('2026-05-20T12:00:00.000Z');

const DAY_MS = 86_400_000;

/** Ends of windows, in days ago; the first runs are on them, five on each. */
const EDGES = [0, 1, 7, 30, 90, 180, 365];
const ON_EDGES = 5 * EDGES.length;

/** A small generator with a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Runs of all kinds: without a time, without tokens, of nobody, some exactly on the edge of a window, one agent all timeless. */
export function inventedRuns(count: number, seed: number): Run[] {
  const random = randomOf(seed);
  const pick = (limit: number): number => Math.floor(random() * limit);
  const maybe = (value: number): number | null => (random() < 0.15 ? null : value);
  const startedAt = (i: number): string => {
    const edge = EDGES[i % EDGES.length];
    const ago = i >= ON_EDGES || edge === undefined ? Math.floor(420 * DAY_MS * random() ** 2) : edge * DAY_MS;
    return new Date(NOW.getTime() - ago).toISOString();
  };
  return Array.from({ length: count }, (_, i): Run => {
    const agentId = i < ON_EDGES ? `agent-${1 + pick(8)}` : `agent-${pick(9)}`;
    return {
      runId: `run-${i}`,
      agentId,
      userId: random() < 0.1 ? 'unknown' : `user-${pick(12)}`,
      workspaceId: `space-${pick(4)}`,
      status: RUN_STATUSES[pick(RUN_STATUSES.length)] ?? 'completed',
      startedAt: i >= ON_EDGES && (agentId === 'agent-0' || random() < 0.05) ? null : startedAt(i),
      runtimeSeconds: maybe(pick(100_000) / 1000),
      tokensIn: maybe(pick(5000)),
      tokensOut: maybe(pick(1000)),
      model: [null, 'small', 'large'][pick(3)] ?? null,
      toolCalls: maybe(pick(9)),
      credits: maybe(pick(100_000) / 10_000),
    };
  });
}
