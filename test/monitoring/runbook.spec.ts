import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CacheService, InvalidationService } from '../../src/index.js';
import { Backend } from '../app/support/backend.js';
import { documentAt, fencesOf } from '../docs/documents.js';
import { ShippedRedis } from '../docker/support/shipped-redis.js';
import { run, TREE } from '../guards/sandbox.js';
import { passwordOf, serverUsers } from '../support/acl.js';
import { until } from '../support/caches.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { RedisSentinel } from '../support/redis-sentinel.js';
import { exposedMetrics, readExpression } from './support/promql.js';
import { ALERTS, RECORDINGS } from './support/rules.js';

const RUNBOOK = documentAt('docs/runbook.md');
const FENCES = fencesOf(RUNBOOK).map(({ info, line, lines }) => ({
  info,
  place: `line ${line}`,
  text: lines.join('\n'),
}));
const COMMANDS = commandsFor('bash');
/** Docker does not run where the tests do, and logging in is what the test does in its own way. */
const NOT_TRIED = /^docker compose |^export REDISCLI_AUTH=/;

/** Blocks of that kind, as rows of a table of tests. */
function commandsFor(kind: string): [place: string, text: string][] {
  return FENCES.filter(({ info }) => info === kind).map(({ place, text }) => [place, text]);
}

/** Runs a block as the operator of the server at a port. */
async function tryIt(port: number, text: string, password: string): Promise<void> {
  const script = `alias redis-cli='redis-cli -e -h 127.0.0.1 -p ${port} --user operator'\n${text}`;
  const { code, output } = await run(TREE, 'sh', ['-e', '-c', script], { REDISCLI_AUTH: password });
  expect(code, output).toBe(0);
  expect(output.trim()).not.toBe('');
  expect(output).not.toMatch(/NOAUTH|NOPERM|WRONGPASS|\bERR\b|not found/);
}

describe('the runbook', () => {
  it('has a section for each alert, in which the reader is told more than its name', () => {
    for (const { alert } of ALERTS) {
      const section = RUNBOOK.text.split(`### ${alert}\n`)[1]?.split(/^#/m)[0] ?? '';
      expect(section.trim().length, alert).toBeGreaterThan(60);
    }
  });

  it('has a section for each trouble of the guide', () => {
    for (const trouble of ['Connection failures', 'High error rate', 'Low hit rate', 'Memory issues']) {
      const section = RUNBOOK.text.split(`## ${trouble}\n`)[1]?.split(/^## /m)[0] ?? '';
      for (const part of ['**Symptom.**', '**See it.**', '**Do.**']) expect(section, trouble).toContain(part);
    }
  });

  it('uses Docker only for services that there are', () => {
    const { services } = parse(readFileSync(join(TREE, 'docker/compose.yml'), 'utf8')) as { services: object };
    const lines = COMMANDS.flatMap(([, text]) => text.split('\n')).filter((line) => line.startsWith('docker'));
    const form = /^docker compose --file docker\/compose\.yml (?:ps|restart|exec|logs --tail \d+)((?: [a-z-]+)+)$/;
    for (const line of lines) {
      const names = (form.exec(line)?.[1] ?? ' not understood').trim().split(' ');
      expect(Object.keys(services), line).toEqual(expect.arrayContaining(names.filter((name) => name !== 'sh')));
    }
  });
});

describe('the commands of the runbook', () => {
  let redis: ShippedRedis;
  let backend: Backend;
  let port: number;
  beforeAll(async () => {
    redis = await ShippedRedis.start();
    backend = await Backend.start({ REDIS_URL: redis.urlOf('app'), REDIS_PASSWORD: '' });
    await backend.app.listen(0);
    ({ port } = backend.app.getHttpServer().address() as AddressInfo);
    const cache = backend.app.get(CacheService);
    await until(() => cache.set('user:1:profile', 'one'));
    await cache.get('not a key').catch(() => undefined);
    // Something for the ACL log.
    await redis
      .clientOf('app')
      .get('foreign')
      .catch(() => undefined);
    expect(await backend.app.get(InvalidationService).user(2)).toMatchObject({ acknowledged: true });
  });
  // One of the commands empties Redis.
  beforeEach(() => redis.clientOf('operator').set('foreign', 'without a TTL'));
  afterAll(async () => {
    await backend.stop();
    await redis.stop();
  });

  it.each(COMMANDS.filter(([, text]) => !NOT_TRIED.test(text)))('at %s do what they are for: %s', (_place, text) =>
    tryIt(redis.server.port, text.replaceAll('localhost:3000', `127.0.0.1:${port}`), redis.passwordOf('operator')),
  );

  it.each(FENCES.filter(({ info }) => info === 'promql').map(({ place, text }) => [place, text]))(
    'at %s ask Prometheus for what is there: %s',
    async (_place, text) => {
      const { text: exposition } = await backend.get('metrics');
      const known = new Set([...exposedMetrics(exposition), ...RECORDINGS.map(({ record }) => record), 'up']);
      expect(readExpression(text).metrics.filter((name) => !known.has(name))).toEqual([]);
    },
  );
});

describe('the commands of the runbook for a Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start({ users: serverUsers() });
  });
  afterAll(() => cluster.stop());

  it.each(commandsFor('bash cluster'))('at %s do what they are for: %s', async (_place, text) => {
    const { port } = (await cluster.primaryOf('any')).server;
    await tryIt(port, text.replaceAll('localhost:6379', `127.0.0.1:${port}`), passwordOf('operator'));
  });
});

describe('the commands of the runbook for Sentinels', () => {
  let all: RedisSentinel;
  beforeAll(async () => {
    all = await RedisSentinel.start({ users: serverUsers() });
  });
  afterAll(() => all.stop());

  it.each(commandsFor('bash sentinel'))('at %s do what they are for: %s', async (_place, text) => {
    const here = text.replaceAll(' -p 26379', '').replaceAll('mymaster', all.name);
    await tryIt(all.sentinels[0]?.port ?? 0, here, passwordOf('operator'));
  });
});
