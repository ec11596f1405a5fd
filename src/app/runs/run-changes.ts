import { AgentChanged, type ChangedSpan, MetricChanged, UserChanged, WorkspaceChanged } from '../../index.js';
import { metricsTouchedBy } from '../analytics/metrics.js';
import type { NewRun } from './runs.writer.js';

/** Who and what is different after runs were written, each named once. */
export interface RunChanges {
  readonly agents: readonly string[];
  readonly users: readonly string[];
  readonly workspaces: readonly string[];
  readonly metrics: readonly string[];
}

type Kind = keyof RunChanges;

const NAMES: Readonly<Record<Kind, (run: NewRun) => readonly string[]>> = {
  agents: (run) => [run.agentId],
  users: (run) => [run.userId],
  workspaces: (run) => [run.workspaceId],
  metrics: metricsTouchedBy,
};

const EVENTS = { agents: AgentChanged, users: UserChanged, workspaces: WorkspaceChanged, metrics: MetricChanged };

/** What a reader of `runs` has to hear. */
export function changesOf(runs: readonly NewRun[]): RunChanges {
  const distinct = (kind: Kind): string[] => [...new Set(runs.flatMap(NAMES[kind]))];
  return {
    agents: distinct('agents'),
    users: distinct('users'),
    workspaces: distinct('workspaces'),
    metrics: distinct('metrics'),
  };
}

/** What `runs` change as the events by which the cache hears of it, each with the time of the runs that it is about: name and payload. */
export function eventsOf(runs: readonly NewRun[]): [string, object][] {
  const kinds = Object.keys(EVENTS) as Kind[];
  return kinds.flatMap((kind) => {
    const Event = EVENTS[kind];
    return changesOf(runs)[kind].map((id): [string, object] => {
      const about = runs.filter((run) => NAMES[kind](run).includes(id));
      return [Event.event, new Event(id, undefined, spanOf(about))];
    });
  });
}

/** Of a run without a time it is not known which answers it changes, so it has no end. */
function spanOf(runs: readonly NewRun[]): ChangedSpan {
  const times = runs.map(({ startedAt }) => startedAt).sort();
  const [from, to] = [times[0], times.at(-1)];
  return times.includes(null) || from == null || to == null ? {} : { from, to };
}
