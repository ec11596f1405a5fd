import type { RunStatus } from '../database/schema.js';

/** One run of an agent. `null` is "the source does not say", never zero. */
export interface Run {
  readonly runId: string;
  readonly agentId: string;
  readonly userId: string;
  readonly workspaceId: string;
  readonly status: RunStatus;
  /** ISO 8601, UTC. */
  readonly startedAt: string | null;
  readonly runtimeSeconds: number | null;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly model: string | null;
  readonly toolCalls: number | null;
  readonly credits: number | null;
}
