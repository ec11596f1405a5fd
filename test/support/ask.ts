import { Redis } from 'ioredis';
import type { RedisServer } from './redis-server.js';

const LIMIT_MS = 2_000;

/** One command to a server, on a connection of its own, by somebody who may do everything. */
export async function ask(server: RedisServer, command: string, ...args: (string | number)[]): Promise<unknown> {
  const client = new Redis({
    ...server.admin,
    host: '127.0.0.1',
    protocol: 2,
    retryStrategy: () => null,
    connectTimeout: LIMIT_MS,
    commandTimeout: LIMIT_MS,
    enableReadyCheck: false,
    disableClientInfo: true,
  });
  client.on('error', () => undefined);
  try {
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

/** The fields of INFO, or of another answer of that form. */
export async function askInfo(server: RedisServer, ...command: [string, ...string[]]): Promise<Map<string, string>> {
  const text = String(await ask(server, ...command));
  return new Map(
    text.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

/** The fields of an answer that is a list of names and values in turn. */
export function fieldsOf(answer: unknown): Map<string, string> {
  const words = answer as string[];
  return new Map(words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? '']] : [])));
}
