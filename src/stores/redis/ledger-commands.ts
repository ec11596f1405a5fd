import type { Milliseconds } from '../../primitives/units.js';
import type { LedgerEnd, LedgerRecord } from '../contracts.js';
import type { RedisConnection } from './redis-connection.js';

/** From where a ledger is read, and how long news is waited for. */
export interface LedgerPlace {
  readonly id: string;
  readonly wait: Milliseconds;
}

/** The field of a stream entry that holds a record. */
export const RECORD_FIELD = 'r';
const READ_BATCH = 500;

/** Where a ledger ends, or `null` when there is none. */
export async function endOf(connection: RedisConnection, name: string): Promise<LedgerEnd | null> {
  const reply = await connection.run('ledger-end', name, (redis) => redis.xinfo('STREAM', name).catch(missingIsNull));
  if (!Array.isArray(reply)) return null;
  const facts = new Map<unknown, unknown>();
  for (let i = 0; i + 1 < reply.length; i += 2) facts.set(reply[i], reply[i + 1]);
  return { id: String(facts.get('last-generated-id')), appended: Number(facts.get('entries-added')) };
}

/** The news of ledgers of one slot, in one command; it waits as long as the most impatient allows. */
export async function readAfter(
  connection: RedisConnection,
  places: ReadonlyMap<string, LedgerPlace>,
): Promise<ReadonlyMap<string, readonly LedgerRecord[]>> {
  const names = [...places.keys()];
  const ids = [...places.values()].map(({ id }) => id);
  const wait = Math.max(1, Math.round(Math.min(...[...places.values()].map((place) => place.wait))));
  const reply = await connection.run('ledger-read', names[0] as string, (redis) =>
    redis.xread('COUNT', READ_BATCH, 'BLOCK', wait, 'STREAMS', ...names, ...ids),
  );
  return new Map((reply ?? []).map(([name, entries]) => [name, entries.map(toRecord)]));
}

/** An entry of the stream as a record. */
export function toRecord([id, fields]: readonly [string, readonly string[]]): LedgerRecord {
  const at = fields.indexOf(RECORD_FIELD);
  return { id, text: at % 2 === 0 ? (fields[at + 1] ?? '') : '' };
}

function missingIsNull(error: unknown): null {
  if (error instanceof Error && error.message.includes('no such key')) return null;
  throw error;
}
