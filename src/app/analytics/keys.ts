import { defineKey, type CacheKey, type Timeframe } from '../../index.js';
import { criterionOf, isCriterion } from './leaderboard-criteria.js';
import type { Metric } from './metrics.js';
import type { Scope } from './selection.js';

/*
 * Every cached answer, and so every road of invalidation. A written run emits `agent.changed`, `user.changed` and
 * `workspace.changed` for its own, and `metric.changed` for each metric it counts towards (always `runs`). An answer must
 * carry the tag of everything it is computed from, and nothing else:
 *
 *   - an answer about one agent, user or workspace holds that one's runs only: the tag of its own name, which the key's
 *     form gives (`agent:456`), is all of it;
 *   - a metric holds everybody's runs, or those of a user or workspace: `metric:runs`, and `user:123` where named. That of a
 *     user goes with every change of the metric, as whoever emits `metric.changed` expects of `metric:runs:user:123:7d`;
 *   - lists and leaderboards set all agents side by side and name none: they carry the metrics they show.
 */

/** What one agent has done. */
export const AgentStats = defineKey('agent:{agentId}:stats:{timeframe}');
/** Who a user is, by what they have done. */
export const UserProfile = defineKey('user:{userId}:profile:{timeframe}');
/** What a user has done, over time. */
export const UserActivity = defineKey('user:{userId}:activity:{timeframe}');
/** What was done in a workspace. */
export const WorkspaceOverview = defineKey('workspace:{workspaceId}:overview:{timeframe}');

const MetricOfAll = defineKey('metric:{metric}:{timeframe}');
const MetricOfUser = defineKey('metric:{metric}:user:{userId}:{timeframe}');
const MetricOfWorkspace = defineKey('metric:{metric}:workspace:{workspaceId}:{timeframe}');
const MetricOfUserInWorkspace = defineKey('metric:{metric}:user:{userId}:workspace:{workspaceId}:{timeframe}');

/** Each page shows runs and success rates, and a new agent is somebody's first run. */
export const AgentList = defineKey('agents:{page}:{pageSize}:{timeframe}', {
  tags: () => ['metric:runs', 'metric:success_rate'],
});

/** Shows runs beside the deciding metric, and leaves out agents with too few of them. */
export const AgentLeaderboard = defineKey('leaderboard:agents:{by}:{limit}:{timeframe}', {
  tags: ({ by }) => ['metric:runs', ...(isCriterion(by) ? [`metric:${criterionOf(by).metric}`] : [])],
});

/** When the newest run started: what other answers are computed from, so it goes before they do. */
export const NewestRun = defineKey('runs:newest');

/** The key of a metric of everybody, of a user, in a workspace, or of a user in a workspace. */
export function metricKey(metric: Metric, { userId, workspaceId }: Scope, timeframe: Timeframe): CacheKey {
  if (userId !== undefined && workspaceId !== undefined)
    return MetricOfUserInWorkspace({ metric, userId, workspaceId, timeframe });
  if (userId !== undefined) return MetricOfUser({ metric, userId, timeframe });
  if (workspaceId !== undefined) return MetricOfWorkspace({ metric, workspaceId, timeframe });
  return MetricOfAll({ metric, timeframe });
}

/** All of them: metrics count each from the start, and keys are named by them on the dashboard and the command line. */
export const TEMPLATES = [
  ...[AgentStats, UserProfile, UserActivity, WorkspaceOverview, AgentList, AgentLeaderboard, NewestRun],
  ...[MetricOfAll, MetricOfUser, MetricOfWorkspace, MetricOfUserInWorkspace],
];
