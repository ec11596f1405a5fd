import type { HistoryEntry } from '../index.js';
import { instant, table } from './text.js';

/** Records of the ledger for people. */
export function tableOfRecords(records: readonly HistoryEntry[]): string {
  const columns = ['When', 'Kind', 'Name', 'Cause', 'By'].map((title) => ({ title }));
  return table(
    columns,
    records.map(({ at, kind, name, cause, origin }) => [instant(at), kind, name, cause, origin]),
  );
}
