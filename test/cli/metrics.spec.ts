import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CacheModule, defineKey, defineRule, PrometheusModule } from '../../src/index.js';
import { diagnose, found } from './doctor-run.js';

const templates = [defineKey('report:{day}')];
const rules = [defineRule({ event: 'reports.published', description: 'reports', tags: () => ['reports-of-all'] })];

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    CacheModule.forRoot({ templates, rules }),
    CacheModule.forFeature({ name: 'reports', templates }),
    PrometheusModule.forRoot(),
  ],
})
class ScrapedModule {}

const CANARY = 'canary-in-a-url';

describe('the scrape', () => {
  let app: INestApplication;
  let other: Server;
  let port: number;
  let otherPort: number;
  beforeAll(async () => {
    app = await NestFactory.create(ScrapedModule, { logger: false });
    app.setGlobalPrefix('api/v1');
    await app.listen(0, '127.0.0.1');
    ({ port } = (app.getHttpServer() as Server).address() as AddressInfo);
    other = createServer((_request, response) => response.end('# TYPE something_else counter\n'));
    await once(other.listen(0, '127.0.0.1'), 'listening');
    ({ port: otherPort } = other.address() as AddressInfo);
  });
  afterAll(async () => {
    other.close();
    await app.close();
  });

  const scrape = async (args: string[], variables: Record<string, string> = {}): Promise<string> =>
    found(await diagnose(variables, args), 'metrics.scrape');

  it('works by URL, and by the port of the application', async () => {
    const url = `http://127.0.0.1:${port}/api/v1/metrics`;
    const passes = `pass: ${url}, 6 of 6 metrics looked for`;
    expect(await scrape(['--metrics-url', url])).toBe(passes);
    expect(await scrape([], { PORT: String(port) })).toBe(passes);
  });

  it('tells what the rules of the application miss', async () => {
    const url = `http://127.0.0.1:${port}/api/v1/metrics`;
    expect(found(await diagnose({}, ['--metrics-url', url]), 'rules.coverage')).toBe(
      'warn: template-without-event report:{day}; event-without-template reports.published; template-without-event report:{day} in the cache reports',
    );
    const elsewhere = await diagnose({}, ['--metrics-url', `http://127.0.0.1:${otherPort}/`]);
    expect(found(elsewhere, 'rules.coverage')).toBe('unknown: no metrics');
  });

  it('fails where there is nothing of the kind', async () => {
    const url = `http://127.0.0.1:${port}/metrics`;
    expect(await scrape(['--metrics-url', url])).toBe(`fail: ${url} answers 404`);
  });

  it('fails where other metrics are served', async () => {
    const url = `http://127.0.0.1:${otherPort}/`;
    expect(await scrape(['--metrics-url', url])).toMatch(/lacks cache_hits_total, cache_misses_total, /);
  });

  it('fails where nobody answers, and shows neither user, password nor query of the URL', async () => {
    const url = `http://me:${CANARY}@127.0.0.1:1/metrics?token=${CANARY}`;
    const { report, out } = await diagnose({}, ['--metrics-url', url]);
    expect(found({ report }, 'metrics.scrape')).toBe('fail: http://127.0.0.1:1/metrics does not answer');
    expect(out).not.toContain(CANARY);
  });

  it('is unknown where the port is only a guess, or none is known', async () => {
    expect(await scrape([], { PORT: '1' })).toBe('unknown: http://127.0.0.1:1/api/v1/metrics does not answer');
    expect(await scrape([])).toBe('unknown: no address');
  });

  it('warns where metrics are switched off', async () => {
    expect(await scrape([], { METRICS_ENABLED: 'false' })).toBe('warn: METRICS_ENABLED=false');
  });
});
