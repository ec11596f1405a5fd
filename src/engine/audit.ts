import { KeyPattern } from '../keys/pattern.js';
import type { Milliseconds } from '../primitives/units.js';
import type { Ledger } from '../stores/contracts.js';
import { EVERYTHING } from './generations.js';
import { decodeRecord, type InvalidationRecord } from './invalidation-record.js';

/** One invalidation as the ledger tells it. */
export interface HistoryEntry {
  /** The ledger record's id. */
  readonly id: string;
  /** When it was made, by the clock of the instance that made it. */
  readonly at: Milliseconds;
  readonly kind: 'tag' | 'key' | 'pattern' | 'everything';
  /** The tag, key or pattern. */
  readonly name: string;
  /** The event with its id, or the caller. */
  readonly cause: string;
  /** The instance that made it. */
  readonly origin: string;
}

/** Which invalidations are asked for; all conditions must hold. */
export interface HistoryQuery {
  /** Only those of this tag, or of everything. */
  readonly tag?: string;
  /** Only those that touched this key: by its name, one of its tags, a pattern that matches it, or of everything. */
  readonly key?: { readonly name: string; readonly tags: readonly string[] };
  /** Only those made at this instant or later. */
  readonly since?: Milliseconds;
  readonly limit: number;
}

/** How many records a search reads: as many as the ledger keeps. */
const SEARCHED_RECORDS = 10_000;

/** The invalidations that a query asks for, newest first. One round trip. */
export async function searchLedger(ledger: Ledger, query: HistoryQuery): Promise<HistoryEntry[]> {
  const found: HistoryEntry[] = [];
  for (const { id, text } of await ledger.latest(SEARCHED_RECORDS)) {
    const record = decodeRecord(text);
    if (!record || (query.since !== undefined && record.at < query.since)) continue;
    for (const entry of entriesOf(id, record)) {
      if (!concerns(entry, query)) continue;
      found.push(entry);
      if (found.length === query.limit) return found;
    }
  }
  return found;
}

/** What one record of the ledger tells. */
export function entriesOf(id: string, { at, origin, tags, keys, patterns }: InvalidationRecord): HistoryEntry[] {
  const common = { id, at, origin };
  return [
    ...tags.map(({ tag, cause }) => ({
      ...common,
      kind: tag === EVERYTHING ? ('everything' as const) : ('tag' as const),
      name: tag,
      cause,
    })),
    ...keys.map(({ name, cause }) => ({ ...common, kind: 'key' as const, name, cause })),
    ...patterns.map(({ name, cause }) => ({ ...common, kind: 'pattern' as const, name, cause })),
  ];
}

function concerns({ kind, name }: HistoryEntry, { tag, key }: HistoryQuery): boolean {
  if (kind === 'everything') return true;
  if (tag !== undefined && (kind !== 'tag' || name !== tag)) return false;
  if (key === undefined) return true;
  if (kind === 'tag') return key.tags.includes(name);
  return kind === 'key' ? name === key.name : KeyPattern.parse(name).matches(key.name);
}
