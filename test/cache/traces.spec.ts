import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Registry } from 'prom-client';
import {
  CacheModule,
  type CacheModuleOptions,
  CacheService,
  InvalidationService,
  METRICS_REGISTRY,
  PrometheusModule,
} from '../../src/index.js';
import { expose } from '../../src/metrics/exposition.js';
import { RedisServer } from '../support/redis-server.js';

let redis: RedisServer;
let app: TestingModule;
const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeAll(async () => {
  redis = await RedisServer.start();
  provider.register();
});

afterAll(async () => {
  trace.disable();
  context.disable();
  await provider.shutdown();
  await redis.stop();
});

afterEach(async () => {
  await app.close();
  exporter.reset();
});

async function started(options: CacheModuleOptions = {}): Promise<CacheService> {
  const imports = [CacheModule.forRoot({ redis: { url: redis.url, failFast: true }, ...options })];
  app = await Test.createTestingModule({ imports })
    .setLogger(false as never)
    .compile();
  await app.init();
  exporter.reset();
  return app.get(CacheService);
}

function spans(name: string) {
  return exporter.getFinishedSpans().filter((span) => span.name === name);
}

describe('a trace', () => {
  it('shows the load with its key, and below it what the loader does', async () => {
    const cache = await started();
    await cache.getOrLoad('user:1:profile', () => {
      trace.getTracer('test').startSpan('query').end();
      return 1;
    });

    const [load, query] = [spans('cache.load')[0], spans('query')[0]];
    expect(load?.attributes).toEqual({ 'cache.key': 'user:1:profile', 'cache.key_pattern': 'other' });
    expect(query?.parentSpanContext?.spanId).toBe(load?.spanContext().spanId);
    expect(spans('cache.redis').map(({ attributes }) => attributes['db.operation.name'])).toContain('fetch');
  });

  it('is named by the metrics of its loads, for who asks for OpenMetrics', async () => {
    const imports = [CacheModule.forRoot(), PrometheusModule.forRoot({ defaultMetrics: false })];
    app = await Test.createTestingModule({ imports })
      .setLogger(false as never)
      .compile();
    await app.init();
    const tracer = trace.getTracer('test');
    const traceId = await tracer.startActiveSpan('request', async (span) => {
      await app.get(CacheService).getOrLoad('k', () => 1);
      span.end();
      return span.spanContext().traceId;
    });

    const { body } = await expose(app.get<Registry>(METRICS_REGISTRY), 'application/openmetrics-text');

    expect(body).toMatch(
      new RegExp(
        `cache_load_duration_seconds_bucket\\{le="[^"]+",key_pattern="other"\\} 1 # \\{trace_id="${traceId}",`,
      ),
    );
    const text = await expose(app.get<Registry>(METRICS_REGISTRY), undefined);
    expect(text.body).not.toContain('trace_id');
  });

  it('shows a key as it is told to', async () => {
    const cache = await started({ traceKey: (key) => key.replace(/\d+/g, '?') });
    await cache.getOrLoad('user:42:theme', () => 1);

    expect(spans('cache.load')[0]?.attributes['cache.key']).toBe('user:?:theme');
  });

  it('shows that a load failed, by the name of the error only', async () => {
    const cache = await started();
    await expect(cache.getOrLoad('k', () => Promise.reject(new TypeError('a secret')))).rejects.toThrow();

    const [load] = spans('cache.load');
    expect(load?.attributes['error.type']).toBe('TypeError');
    expect(JSON.stringify([load?.attributes, load?.status, load?.events])).not.toContain('a secret');
  });

  it('shows an invalidation with its cause', async () => {
    await started();
    await app.get(InvalidationService).user(1);

    expect(spans('cache.invalidate')[0]?.attributes).toEqual({ 'cache.cause': 'invalidation.user' });
  });
});

describe('the diagnostics channel', () => {
  it('tells every event to whoever attaches from outside', async () => {
    const told: unknown[] = [];
    const listen = (event: unknown): void => void told.push(event);
    const cache = await started();
    subscribe('shadower:cache', listen);
    await cache.getOrLoad('l', () => 1);
    unsubscribe('shadower:cache', listen);

    expect(told).toContainEqual(expect.objectContaining({ type: 'load.ended', label: 'other', failed: false }));
  });
});
