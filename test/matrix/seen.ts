/* Prints, as JSON, the versions of the process that runs it, of the packages beside it and of the server that tests would start. */
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { RedisServer } from '../support/redis-server.js';

/** The versions that a run had, asked of what ran. */
export interface Seen {
  readonly server: string;
  readonly node: string;
  readonly ioredis: string;
  readonly nest: string;
}

const seen: Seen = {
  server: await serverVersion(),
  node: process.version,
  ioredis: packageVersion('ioredis'),
  nest: packageVersion('@nestjs/core'),
};
console.log(JSON.stringify(seen));

function packageVersion(name: string): string {
  const manifest = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as { version: string };
  return manifest.version;
}

async function serverVersion(): Promise<string> {
  const server = await RedisServer.start();
  const redis = new Redis(server.url, { disableClientInfo: true });
  const facts = await redis.info('server').finally(() => redis.disconnect());
  await server.stop();
  // Valkey tells clients a version of Redis too, which it is compatible with.
  const [, valkey] = /^valkey_version:(\S+)/m.exec(facts) ?? [];
  const [, version = 'unknown'] = /^redis_version:(\S+)/m.exec(facts) ?? [];
  return valkey === undefined ? `Redis ${version}` : `Valkey ${valkey}`;
}
