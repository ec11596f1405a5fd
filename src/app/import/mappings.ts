import { UNKNOWN } from '../database/schema.js';
import { refused, type StagedFile } from './staged-file.js';

/** The columns of `agent_runs`, in its order. */
export const RUN_COLUMNS = Object.freeze([
  'run_id',
  'agent_id',
  'user_id',
  'workspace_id',
  'status',
  'started_at',
  'runtime_seconds',
  'tokens_in',
  'tokens_out',
  'model',
  'tool_calls',
  'credits',
] as const);

/** A column of the runs. */
export type RunColumn = (typeof RUN_COLUMNS)[number];

/** How a file becomes runs: for each column of `agent_runs` the SQL of its text. */
export interface RunMapping {
  /** For people: what was recognised, and what was assumed. */
  readonly description: string;
  readonly columns: Readonly<Record<RunColumn, string>>;
  /** Columns of the file that have no place. */
  readonly ignored: readonly string[];
}

/** What a file holds, told from its header. */
export type Recognised = ({ readonly kind: 'runs' } & RunMapping) | { readonly kind: 'tool-calls' };

const NOTHING = 'NULL::VARCHAR';
const AZURE = ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens'] as const;
const KNOWN = [
  `runs (run_id, agent_id, status and any of ${RUN_COLUMNS.filter((name) => !isRequired(name)).join(', ')})`,
  `LLM requests (${AZURE.join(', ')})`,
  'tool calls of runs (run_id, tool)',
].join('; ');

/** @throws ImportRefusedError for a header that is none of the known ones */
export function recognise(staged: StagedFile): Recognised {
  const has = (...names: string[]): boolean => names.every((name) => staged.columns.includes(name));
  if (has(...AZURE)) return { kind: 'runs', ...azure(staged) };
  if (has('run_id', 'agent_id', 'status')) return { kind: 'runs', ...ownColumns(staged) };
  if (has('run_id', 'tool')) return { kind: 'tool-calls' };
  throw refused(staged.file, `the header must be that of ${KNOWN}; received ${staged.columns.join(', ')}`);
}

/**
 * Our own column names. Users and workspaces that the file does not name are `unknown`; all else that it lacks is NULL.
 * The tau airline runs come this way: run, agent, user, status (the benchmark's reward) and number of tool calls are real;
 * task, trial and number of messages have no place; there is no workspace, time, runtime, token, model or credit in them.
 */
function ownColumns({ columns }: StagedFile): RunMapping {
  const text = (name: RunColumn): string => (columns.includes(name) ? `nullif(trim("${name}"), '')` : NOTHING);
  const person = (name: RunColumn): string => `coalesce(${text(name)}, '${UNKNOWN}')`;
  const missing = RUN_COLUMNS.filter((name) => !columns.includes(name));
  return {
    description: missing.length === 0 ? 'runs' : `runs without ${missing.join(', ')}`,
    columns: { ...each(text), user_id: person('user_id'), workspace_id: person('workspace_id') },
    ignored: columns.filter((name) => !(RUN_COLUMNS as readonly string[]).includes(name)),
  };
}

/**
 * The Azure LLM inference traces: one request is one run of an agent named by the file, numbered by its line. Time and
 * tokens are real. That it completed is assumed (the traces hold served requests); who asked is unknown; runtime, model,
 * tool calls and credits are not in the data, and stay NULL.
 */
function azure({ file, columns }: StagedFile): RunMapping {
  const agent = agentOf(file);
  return {
    description: `LLM requests as runs of ${agent}; assumed: status completed, user and workspace unknown`,
    columns: {
      ...each(() => NOTHING),
      run_id: `'${agent}-' || lpad(line::VARCHAR, 7, '0')`,
      agent_id: `'${agent}'`,
      user_id: `'${UNKNOWN}'`,
      workspace_id: `'${UNKNOWN}'`,
      status: `'completed'`,
      started_at: '"TIMESTAMP"',
      tokens_in: '"ContextTokens"',
      tokens_out: '"GeneratedTokens"',
    },
    ignored: columns.filter((name) => !(AZURE as readonly string[]).includes(name)),
  };
}

function agentOf(file: string): string {
  const stem = file.replace(/\.(csv|csv\.gz|parquet)$/i, '');
  const kind = /conv|code/i.exec(stem)?.[0].toLowerCase();
  return `azure-${kind ?? stem.replaceAll(/[^a-zA-Z0-9_.-]/g, '_').slice(0, 60)}`;
}

function each(sql: (name: RunColumn) => string): Record<RunColumn, string> {
  return Object.fromEntries(RUN_COLUMNS.map((name) => [name, sql(name)])) as Record<RunColumn, string>;
}

function isRequired(name: RunColumn): boolean {
  return name === 'run_id' || name === 'agent_id' || name === 'status';
}
