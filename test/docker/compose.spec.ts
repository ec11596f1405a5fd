import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { inSandbox, run, TREE } from '../guards/sandbox.js';
import { requireRedisBinary } from '../support/redis-binary.js';
import { RedisServer, type RedisServerOptions } from '../support/redis-server.js';

interface Service {
  image: string;
  command: string[];
  build: { context: string; dockerfile: string };
  environment: Record<string, string | number>;
  volumes: string[];
  ports: string[];
  healthcheck: { test: string[] };
}

const DOCKER = join(TREE, 'docker');
const COMPOSE = parse(readFileSync(join(DOCKER, 'compose.yml'), 'utf8')) as {
  services: { redis: Service; backend: Service };
};
const { redis, backend } = COMPOSE.services;
const DEFAULT_PASSWORD = '${REDIS_PASSWORD:-shadower_redis_dev_password_change_in_production}';

/** What the shell in the container gets: compose turns `$$` into `$`. */
function shellLine(words: string[]): string {
  return (words.at(-1) ?? '').replaceAll('$$', '$');
}

const servers: RedisServer[] = [];
async function startServer(options: RedisServerOptions): Promise<RedisServer> {
  const server = await RedisServer.start(options);
  servers.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

describe('docker/compose.yml', () => {
  it('mounts the configuration that exists and builds the Dockerfile that exists', () => {
    const [source, target] = redis.volumes[0]?.split(':') ?? [];
    expect(existsSync(join(DOCKER, source ?? ''))).toBe(true);
    expect(redis.command.join(' ')).toContain(`redis-server ${String(target)}`);
    expect(existsSync(join(DOCKER, backend.build.context, backend.build.dockerfile))).toBe(true);
  });

  it('gives both the same password, by variable, and never on a command line', () => {
    expect(redis.environment['REDIS_PASSWORD']).toBe(DEFAULT_PASSWORD);
    expect(backend.environment['REDIS_PASSWORD']).toBe(DEFAULT_PASSWORD);
    expect([...redis.command, ...redis.healthcheck.test].join(' ')).not.toContain('shadower_redis');
  });

  it('points the backend at Redis', () => {
    expect(backend.environment['REDIS_URL']).toBe('redis://redis:6379/0');
    expect(backend.environment['NODE_ENV']).toBe('${NODE_ENV:-development}');
  });

  it('publishes ports on this machine only', () => {
    for (const port of [...redis.ports, ...backend.ports]) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('pins a released version of Redis', () => {
    expect(redis.image).toMatch(/^\$\{REDIS_IMAGE:-redis:\d+\.\d+\.\d+-alpine\}$/);
  });

  it('starts a server that has the password of the variable', async () => {
    const command = shellLine(redis.command).replace(
      'redis-server /usr/local/etc/redis/redis.conf -',
      `${requireRedisBinary()} "$@" -`,
    );
    await inSandbox([], { start: `#!/bin/sh\n${command}` }, async (box) => {
      const start = join(box.directory, 'start');
      chmodSync(start, 0o755);
      vi.stubEnv('TEST_REDIS_SERVER', start).stubEnv('REDIS_PASSWORD', 'of/the+variable');
      const { port } = await startServer({ config: join(DOCKER, 'redis/redis.conf') });

      const client = new Redis({ port, password: 'of/the+variable', disableClientInfo: true });
      expect(await client.config('GET', 'requirepass')).toEqual(['requirepass', 'of/the+variable']);
      client.disconnect();
    });
  });
});

describe('the health check of Redis', () => {
  const check = async (server: RedisServer, password: string): Promise<number> => {
    const line = shellLine(redis.healthcheck.test).replace('redis-cli', `redis-cli -p ${String(server.port)}`);
    return (await run(server.directory, 'sh', ['-c', line], { REDIS_PASSWORD: password })).code;
  };

  it('passes with the password', async () => {
    const server = await startServer({ password: 'right' });
    expect(await check(server, 'right')).toBe(0);
  });

  it('fails on NOAUTH, on a wrong password and on a dead server', async () => {
    const server = await startServer({ password: 'right' });
    expect(await check(server, '')).not.toBe(0);
    expect(await check(server, 'wrong')).not.toBe(0);
    await server.kill();
    expect(await check(server, 'right')).not.toBe(0);
  });
});
