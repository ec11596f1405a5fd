import type { Redis } from 'ioredis';
import { decodeEnvelope, encodeEnvelope, type Envelope } from '../../../src/codec/envelope.js';

/** Writes another value, and another version, into an entry in Redis: readable in every other respect. */
export async function rewriteEntry(
  redis: Redis,
  name: string,
  { payload, version }: { readonly payload?: string; readonly version?: number },
): Promise<void> {
  const was = await entryOf(redis, name);
  if (!was) throw new Error(`there is no entry ${name}`);
  await redis.set(name, encodeEnvelope({ ...was, version: version ?? was.version }, payload ?? was.payload), 'KEEPTTL');
}

/** The version and the value of an entry in Redis. */
export async function readEntry(redis: Redis, name: string): Promise<{ version: unknown; value: unknown } | undefined> {
  const entry = await entryOf(redis, name);
  return entry && { version: entry.version, value: JSON.parse(entry.payload) };
}

async function entryOf(redis: Redis, name: string): Promise<Envelope | undefined> {
  const bytes = await redis.getBuffer(name);
  if (!bytes) return undefined;
  const key = name.slice(name.indexOf('{') + 1, -1);
  const entry = decodeEnvelope(key, bytes);
  if (typeof entry === 'string') throw new Error(`${name} is unreadable: ${entry}`);
  return entry;
}
