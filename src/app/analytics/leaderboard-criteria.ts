import type { Metric } from './metrics.js';

interface Criterion {
  /** The metric that decides. */
  readonly metric: Metric;
  readonly best: 'highest' | 'lowest';
  /** One lucky run makes no champion: shares and medians are compared from this many runs on. */
  readonly minRuns: number;
}

const CRITERIA = {
  runs: { metric: 'runs', best: 'highest', minRuns: 1 },
  success_rate: { metric: 'success_rate', best: 'highest', minRuns: 5 },
  speed: { metric: 'runtime_p50', best: 'lowest', minRuns: 5 },
  credits: { metric: 'credits', best: 'highest', minRuns: 1 },
} as const satisfies Record<string, Criterion>;

/** What agents can be ranked by. */
export type LeaderboardCriterion = keyof typeof CRITERIA;

/** Every criterion. */
export const LEADERBOARD_CRITERIA = Object.freeze(Object.keys(CRITERIA) as LeaderboardCriterion[]);

/** How `criterion` decides. */
export function criterionOf(criterion: LeaderboardCriterion): Criterion {
  return CRITERIA[criterion];
}

/** True for the name of a criterion. */
export function isCriterion(value: unknown): value is LeaderboardCriterion {
  return typeof value === 'string' && Object.hasOwn(CRITERIA, value);
}
