import { crc32 } from 'node:zlib';
import type { Redis } from 'ioredis';

/** Writes another value, and another version, into an entry in Redis: readable in every other respect. */
export async function rewriteEntry(
  redis: Redis,
  name: string,
  { payload, version }: { readonly payload?: string; readonly version?: number },
): Promise<void> {
  const [head = '', was = ''] = ((await redis.get(name)) ?? '').split('\n');
  const fields = JSON.parse(head) as unknown[];
  if (version !== undefined) fields[3] = version;
  const covered = `${JSON.stringify(fields.slice(2)).slice(1)}\n${payload ?? was}`;
  const checksum = crc32(covered).toString(16).padStart(8, '0');
  await redis.set(name, `[1,"${checksum}",${covered}`, 'KEEPTTL');
}

/** The version and the value of an entry in Redis. */
export async function readEntry(redis: Redis, name: string): Promise<{ version: unknown; value: unknown } | undefined> {
  const text = await redis.get(name);
  if (text === null) return undefined;
  const [head = '', payload = ''] = text.split('\n');
  return { version: (JSON.parse(head) as unknown[])[3], value: JSON.parse(payload) };
}
