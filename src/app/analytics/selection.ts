import type { SqlParameters } from '../database/session.js';
import type { Window } from './window.js';

/** Whose runs a question is about; an empty scope is everybody's. */
export interface Scope {
  readonly agentId?: string;
  readonly userId?: string;
  readonly workspaceId?: string;
}

/** A WHERE clause and what is bound in it. */
export interface Selection {
  readonly where: string;
  readonly parameters: SqlParameters;
}

const COLUMNS = { agentId: 'agent_id', userId: 'user_id', workspaceId: 'workspace_id' } as const;

/** The runs of `scope` in `window`. Only fixed text goes into the SQL; every value is bound. */
export function select(scope: Scope, window: Window): Selection {
  const names = (['agentId', 'userId', 'workspaceId'] as const).filter((name) => scope[name] !== undefined);
  const conditions = names.map((name) => `${COLUMNS[name]} = $${name}`);
  if (window.from !== null) conditions.push('started_at > $from::TIMESTAMP', 'started_at <= $to::TIMESTAMP');
  const bounds = window.from === null ? {} : { from: window.from, to: window.to };
  return { where: ['true', ...conditions].join(' AND '), parameters: { ...scope, ...bounds } };
}
