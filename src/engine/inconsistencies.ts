import type { Milliseconds } from '../primitives/units.js';
import type { Ledger } from '../stores/contracts.js';
import type { Explanation } from './explain.js';
import { emptyRecord, encodeRecord } from './invalidation-record.js';

/** A value that was served although its source had long said otherwise, as a spot check has found it. */
export interface Inconsistency {
  /** The ledger record's id. */
  readonly id: string;
  /** When it was found, by the clock of the instance that found it. */
  readonly at: Milliseconds;
  /** The instance that found it. */
  readonly origin: string;
  readonly key: string;
  /** The key's template, or `other`. */
  readonly template: string;
  /** When the load of the value began. */
  readonly loadedAt: Milliseconds;
  /** Since when, at the latest, the source has said otherwise. */
  readonly differsSince: Milliseconds;
  /** All that was known of the key when it was found; of its tags the first 50. */
  readonly explanation: Explanation;
}

/** Which are asked for; all conditions must hold. */
export interface InconsistencyQuery {
  /** Only those of this key. */
  readonly key?: string;
  /** Only those found at this instant or later. */
  readonly since?: Milliseconds;
  readonly limit: number;
}

const SEARCHED_RECORDS = 10_000;
const MAX_TAGS = 50;

/**
 * What the ledger keeps of it: a record that invalidates nothing, so that a version that knows of no spot checks reads it
 * as one that says nothing.
 */
export function encodeInconsistency({ at, origin, explanation, ...facts }: Omit<Inconsistency, 'id'>): string {
  const record = JSON.parse(encodeRecord(emptyRecord(origin, at))) as object;
  const tags = explanation.tags.slice(0, MAX_TAGS);
  return JSON.stringify({ ...record, inconsistent: { ...facts, explanation: { ...explanation, tags } } });
}

/** What spot checks of all instances have found, newest first. One round trip. */
export async function searchInconsistencies(
  ledger: Ledger,
  { key, since = -Infinity, limit }: InconsistencyQuery,
): Promise<Inconsistency[]> {
  const records = await ledger.latest(SEARCHED_RECORDS);
  return records
    .flatMap(({ id, text }) => decoded(id, text) ?? [])
    .filter((found) => found.at >= since && (key === undefined || found.key === key))
    .slice(0, limit);
}

function decoded(id: string, text: string): Inconsistency | undefined {
  try {
    const { origin, at, inconsistent } = JSON.parse(text) as Partial<Inconsistency> & { inconsistent?: Inconsistency };
    if (typeof origin !== 'string' || typeof at !== 'number' || !isWhole(inconsistent)) return undefined;
    const { key, template, loadedAt, differsSince, explanation } = inconsistent;
    return { id, at, origin, key, template, loadedAt, differsSince, explanation };
  } catch {
    return undefined;
  }
}

/** Whoever may write to the ledger may have written anything. */
function isWhole(told: Partial<Inconsistency> | null | undefined): told is Inconsistency {
  if (typeof told?.key !== 'string' || typeof told.template !== 'string') return false;
  if (typeof told.loadedAt !== 'number' || typeof told.differsSince !== 'number') return false;
  return typeof told.explanation === 'object' && Array.isArray((told.explanation as Partial<Explanation> | null)?.tags);
}
