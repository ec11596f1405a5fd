import type { StoredEntry } from '../index.js';
import type { Call } from './command.js';
import type { Session } from './session.js';
import { wholeNumber } from './usage.js';

/** Entries that were looked at. */
export interface Sample {
  readonly entries: readonly StoredEntry[];
  /** `counted`: these are all. `estimated`: there are more. */
  readonly basis: 'counted' | 'estimated';
  /** How many there are for each of these, about. */
  readonly scale: number;
}

const MOST = 1_000_000;
const USUAL = 20_000;

/** How many entries a person wants to have looked at. @throws UsageError */
export function sampleSize(call: Call): number {
  return wholeNumber(call, 'sample', { min: 1, max: MOST, otherwise: USUAL });
}

/** Walks over the entries until there are enough. */
export async function sampleOf(session: Session, size: number): Promise<Sample> {
  const entries = new Map<string, StoredEntry>();
  for await (const page of session.cache.entries()) {
    for (const entry of page) entries.set(entry.key, entry);
    if (entries.size >= size) {
      // DBSIZE counts leases, generations and the keys of others too: of a cache worth estimating nearly all are entries.
      const scale = Math.max(1, (await databaseSize(session)) / entries.size);
      return { entries: [...entries.values()], basis: 'estimated', scale };
    }
  }
  return { entries: [...entries.values()], basis: 'counted', scale: 1 };
}

async function databaseSize({ primaries }: Session): Promise<number> {
  const sizes = await Promise.all(primaries.map((server) => server.send('DBSIZE')));
  return sizes.reduce<number>((sum, size) => sum + Number(size), 0);
}
