import type { Run } from '../../../src/app/analytics/run.js';
import type { Scope } from '../../../src/app/analytics/selection.js';
import type { Window } from '../../../src/app/analytics/window.js';

/*
 * The answers computed the plain way, from an array of runs. Written for reading, not for speed, and sharing nothing with
 * the SQL it checks but the definitions: null is "nobody says", and a window is (from, to].
 */

/** The runs a question is about. */
export function chosen(runs: readonly Run[], scope: Scope, window: Window): Run[] {
  return runs.filter((run) => {
    if (scope.agentId !== undefined && run.agentId !== scope.agentId) return false;
    if (scope.userId !== undefined && run.userId !== scope.userId) return false;
    if (scope.workspaceId !== undefined && run.workspaceId !== scope.workspaceId) return false;
    if (window.from === null) return true;
    return run.startedAt !== null && run.startedAt > window.from && run.startedAt <= window.to;
  });
}

/** A metric of a set of runs. */
export const METRIC_ORACLE: Readonly<Record<string, (runs: readonly Run[]) => number | null>> = {
  runs: (runs) => runs.length,
  success_rate: (runs) => (runs.length === 0 ? null : completed(runs) / runs.length),
  tokens: (runs) =>
    sum(runs.map((run) => (run.tokensIn === null || run.tokensOut === null ? null : run.tokensIn + run.tokensOut))),
  tokens_in: (runs) => sum(runs.map((run) => run.tokensIn)),
  tokens_out: (runs) => sum(runs.map((run) => run.tokensOut)),
  runtime_p50: (runs) => percentile(runs, 0.5),
  runtime_p95: (runs) => percentile(runs, 0.95),
  credits: (runs) => sum(runs.map((run) => run.credits)),
  tool_calls: (runs) => sum(runs.map((run) => run.toolCalls)),
  active_users: (runs) => new Set(runs.map((run) => run.userId).filter((id) => id !== 'unknown')).size || null,
};

/** What a metric needs of a run, or `true` for runs that need nothing. */
export const NEEDS: Readonly<Record<string, (run: Run) => boolean>> = {
  runs: () => true,
  success_rate: () => true,
  tokens: (run) => run.tokensIn !== null && run.tokensOut !== null,
  tokens_in: (run) => run.tokensIn !== null,
  tokens_out: (run) => run.tokensOut !== null,
  runtime_p50: (run) => run.runtimeSeconds !== null,
  runtime_p95: (run) => run.runtimeSeconds !== null,
  credits: (run) => run.credits !== null,
  tool_calls: (run) => run.toolCalls !== null,
  active_users: (run) => run.userId !== 'unknown',
};

export function completed(runs: readonly Run[]): number {
  return runs.filter((run) => run.status === 'completed').length;
}

/** Groups in no particular order. */
export function grouped(runs: readonly Run[], key: (run: Run) => string | null): Map<string | null, Run[]> {
  const groups = new Map<string | null, Run[]>();
  for (const run of runs) groups.set(key(run), [...(groups.get(key(run)) ?? []), run]);
  return groups;
}

/** The beginning of the step that holds `at`. Weeks begin on Monday. */
export function stepOf(at: string, bucket: string): string {
  const date = new Date(at);
  date.setUTCMinutes(0, 0, 0);
  if (bucket !== 'hour') date.setUTCHours(0);
  if (bucket === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  if (bucket === 'month') date.setUTCDate(1);
  return date.toISOString();
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

/** Linear interpolation between the closest ranks. */
function percentile(runs: readonly Run[], share: number): number | null {
  const sorted = runs.flatMap((run) => (run.runtimeSeconds === null ? [] : [run.runtimeSeconds])).sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (position - Math.floor(position));
}
