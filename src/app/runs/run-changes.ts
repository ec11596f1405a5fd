import { AgentChanged, MetricChanged, UserChanged, WorkspaceChanged } from '../../index.js';
import { metricsTouchedBy } from '../analytics/metrics.js';
import type { NewRun } from './runs.writer.js';

/** Who and what is different after runs were written, each named once. */
export interface RunChanges {
  readonly agents: readonly string[];
  readonly users: readonly string[];
  readonly workspaces: readonly string[];
  readonly metrics: readonly string[];
}

/** What a reader of `runs` has to hear. */
export function changesOf(runs: readonly NewRun[]): RunChanges {
  return {
    agents: distinct(runs.map((run) => run.agentId)),
    users: distinct(runs.map((run) => run.userId)),
    workspaces: distinct(runs.map((run) => run.workspaceId)),
    metrics: distinct(runs.flatMap(metricsTouchedBy)),
  };
}

/** `changes` as the events by which the cache hears of them: name and payload. */
export function eventsOf(changes: RunChanges): [string, object][] {
  return [
    ...changes.agents.map((id): [string, object] => [AgentChanged.event, new AgentChanged(id)]),
    ...changes.users.map((id): [string, object] => [UserChanged.event, new UserChanged(id)]),
    ...changes.workspaces.map((id): [string, object] => [WorkspaceChanged.event, new WorkspaceChanged(id)]),
    ...changes.metrics.map((id): [string, object] => [MetricChanged.event, new MetricChanged(id)]),
  ];
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
