/**
 * Two functions that turn (seed, id, salt) into a random number by hashing: the same on any number of threads and in any
 * order, which a stateful generator is not. The salt is mixed in before the id: hashing the three side by side leaves the
 * streams of different salts correlated.
 */
export const RANDOM_MACROS = `
CREATE OR REPLACE TEMP MACRO uniform(seed, id, salt) AS (hash(xor(hash(seed, salt), id::UBIGINT)) >> 11)::DOUBLE / 9007199254740992.0;
CREATE OR REPLACE TEMP MACRO gaussian(seed, id, salt) AS
  sqrt(-2 * ln(1 - uniform(seed, id, salt))) * cos(2 * pi() * uniform(seed, id, salt || '-angle'));
`;

/**
 * `$runs` invented runs in the 400 days before `$until`, a pure function of `$seed`. A few agents and users do most of the
 * work (power laws over 2,000 agents and 5,000 users); a user belongs to one of 100 workspaces; an agent has a model of its
 * own which four of five runs use, and a success rate of its own; runtimes and tokens are log-normal around what the model
 * is known for; the number of runs grows over the months and is higher in office hours. In order of time, so that a window
 * reads few blocks. Ids are plain numbers: agents from 1, users from 1, workspaces from 701.
 */
export const INSERT_SYNTHETIC_RUNS = `
INSERT INTO agent_runs
WITH models(model_no, model, runtime, spread, context, answer, price) AS (
  VALUES (0, 'general-large', 9.0, 0.8, 2400, 420, 0.010), (1, 'general-small', 2.2, 0.6, 1100, 260, 0.001),
         (2, 'code-large', 14.0, 0.9, 5200, 640, 0.012), (3, 'reasoning-large', 38.0, 0.9, 1800, 2900, 0.030)
), drawn AS (
  SELECT i, 1 + floor(2000 * pow(uniform($seed, i, 'agent'), 3))::INTEGER AS agent,
    1 + floor(5000 * pow(uniform($seed, i, 'user'), 2))::INTEGER AS person,
    floor(400 * pow(uniform($seed, i, 'day'), 1.2)) AS days_ago,
    14.5 + 3.5 * gaussian($seed, i, 'hour') AS hour
  FROM range($runs::BIGINT) AS numbers(i)
), placed AS (
  SELECT drawn.*, $until::TIMESTAMP AS until,
    date_trunc('day', $until::TIMESTAMP) - to_days(days_ago::INTEGER) + to_microseconds((3600e6 * ((hour + 48) % 24))::BIGINT) AS drawn_at,
    701 + floor(100 * pow(uniform($seed, person, 'workspace'), 1.5))::INTEGER AS workspace,
    0.75 + 0.24 * uniform($seed, agent, 'quality') AS quality, uniform($seed, i, 'outcome') AS outcome,
    floor(4 * uniform($seed, CASE WHEN uniform($seed, i, 'usual') < 0.8 THEN agent ELSE 10000 + i END, 'model')) AS model_no
  FROM drawn
), ended AS (
  SELECT placed.*, models.*, CASE WHEN outcome < quality THEN 'completed' WHEN outcome < quality + (1 - quality) * 0.60 THEN 'failed'
      WHEN outcome < quality + (1 - quality) * 0.85 THEN 'timeout' ELSE 'cancelled' END AS status,
    round(context * exp(0.7 * gaussian($seed, i, 'context')))::BIGINT AS tokens_in,
    round(answer * exp(0.7 * gaussian($seed, i, 'answer')))::BIGINT AS tokens_out
  FROM placed JOIN models USING (model_no)
)
SELECT 'synthetic-' || lpad(i::VARCHAR, 7, '0'), agent::VARCHAR, person::VARCHAR, workspace::VARCHAR, status,
  CASE WHEN drawn_at > until THEN drawn_at - INTERVAL 1 DAY ELSE drawn_at END AS started_at,
  CASE status WHEN 'timeout' THEN 300 ELSE round(least(300, runtime * exp(spread * gaussian($seed, i, 'runtime'))), 3) END,
  tokens_in, tokens_out, model, floor(-3 * ln(1 - uniform($seed, i, 'tools')))::INTEGER,
  ((tokens_in + tokens_out) * price / 1000)::DECIMAL(18, 4)
FROM ended ORDER BY started_at
`;
