/** What a run may end as. */
export const RUN_STATUSES = Object.freeze(['completed', 'failed', 'cancelled', 'timeout'] as const);

/** How a run ended. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** The user, workspace or agent of a run whose source does not say. Explicit, and never counted as somebody. */
export const UNKNOWN = 'unknown';

/**
 * The fact table. A column that a source does not have is NULL, never zero: answers then say `null`. Instants are UTC.
 * Credits are exact decimals, so sums do not depend on the order in which threads add.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS agent_runs (
  run_id          VARCHAR PRIMARY KEY,
  agent_id        VARCHAR NOT NULL,
  user_id         VARCHAR NOT NULL,
  workspace_id    VARCHAR NOT NULL,
  status          VARCHAR NOT NULL CHECK (status IN ('completed', 'failed', 'cancelled', 'timeout')),
  started_at      TIMESTAMP,
  runtime_seconds DOUBLE CHECK (runtime_seconds >= 0),
  tokens_in       BIGINT CHECK (tokens_in >= 0),
  tokens_out      BIGINT CHECK (tokens_out >= 0),
  model           VARCHAR,
  tool_calls      INTEGER CHECK (tool_calls >= 0),
  credits         DECIMAL(18, 4) CHECK (credits >= 0)
);
CREATE TABLE IF NOT EXISTS renamed_ids (
  id       VARCHAR PRIMARY KEY,
  original VARCHAR NOT NULL
);
`;
