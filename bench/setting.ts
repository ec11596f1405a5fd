import { Redis } from 'ioredis';
import MANIFEST from '../package.json' with { type: 'json' };
import { RedisServer } from '../test/support/redis-server.js';
import PEERS from './peers/package.json' with { type: 'json' };
import { machine } from './support.js';

/** This package, such as tables name it. */
export const OURSELVES = `${MANIFEST.name} ${MANIFEST.version}`;

/** Such as `bentocache 1.6.1`; of a dependency of `bench/peers`. */
export function versionOf(name: string): string {
  const version = (PEERS.dependencies as Record<string, string>)[name] ?? '?';
  return version.startsWith('npm:') ? version.slice('npm:'.length).replace('@', ' ') : `${name} ${version}`;
}

/** What is measured on, with a server started to ask it for its version. */
export async function describeMachine(): Promise<string> {
  const server = await RedisServer.start();
  const redis = new Redis(server.url, { disableClientInfo: true });
  try {
    return await machine(redis);
  } finally {
    redis.disconnect();
    await server.stop();
  }
}
