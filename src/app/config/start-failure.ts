import { CacheError } from '../../index.js';
import { OperatorError } from './operator.error.js';

/** Why a process cannot go on: one message where the person who started it can mend it, the whole stack where not. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isForTheOperator(error) ? error.message : (error.stack ?? error.message);
}

function isForTheOperator(error: Error): boolean {
  if (error instanceof OperatorError || CacheError.is(error)) return true;
  return 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
}
