import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Distribution } from '../../src/cache/tally.js';
import { adviceOf, type Advised } from '../../src/dashboard/live/advice.js';
import { Client } from '../../src/dashboard/live/client.js';
import { KnownRules } from '../../src/dashboard/live/known-rules.js';
import { LatencyWindow } from '../../src/dashboard/live/latency-window.js';
import { PageFiles } from '../../src/dashboard/http/page-files.js';
import { WebExchange } from '../../src/dashboard/http/web-exchange.js';
import { Refused } from '../../src/dashboard/problems.js';
import { Doctor } from '../../src/dashboard/routes/doctor.js';
import { until } from '../support/caches.js';
import { redisOfSuite } from '../support/suite-redis.js';

describe('advice on a template', () => {
  const seen: Advised = {
    ...{ hits: { l1: 100, l2: 100 }, misses: 100, missesByCause: { absent: 60, expired: 40 }, meanLoad: 0.2 },
    ...{ loads: { count: 100, failed: 0, rejected: 0 }, spotChecks: { consistent: 0, inconsistent: 0 }, memory: null },
    ...{ ttl: 300, hasEvent: true },
  };
  const expiring = { missesByCause: { absent: 20, expired: 80 } };
  const memory = { entries: 1_000, bytes: 1, unread: 900 };

  it.each<[string | null, RegExp, Partial<Advised>]>([
    [null, /^$/, {}],
    [null, /^$/, { ...expiring, hits: { l1: 50, l2: 0 } }],
    [null, /^$/, { ...expiring, hasEvent: null }],
    ['longer', /80 % of its misses .* 16\.0 s/, expiring],
    ['event', /no event invalidates it/, { ...expiring, hasEvent: false }],
    ['event', /^1 spot check found/, { hits: { l1: 0, l2: 0 }, spotChecks: { consistent: 9, inconsistent: 1 } }],
    ['shorter', /90 % of its entries .* 300 s/, { memory, hits: { l1: 50, l2: 50 }, misses: 150 }],
    [null, /^$/, { memory }],
    ['uncached', /^2 % of its reads .* 0\.50 ms/, { hits: { l1: 2, l2: 2 }, misses: 196, meanLoad: 0.0005 }],
  ])('is %s %s', (kind, reason, differing) => {
    const advice = adviceOf({ ...seen, ...differing });
    expect(advice?.kind ?? null).toBe(kind);
    expect(advice?.reason ?? '').toMatch(reason);
  });
});

describe('the latency of the last seconds', () => {
  it('is read off a histogram, as long as something has ended in it', () => {
    const [window, durations] = [new LatencyWindow(), new Distribution([0.001, 0.01, 0.1])];
    durations.add(0.5);
    window.add([durations]);
    expect(window.latency([durations])).toBeNull();
    for (let i = 0; i < 98; i += 1) durations.add(0.0005);
    for (let i = 0; i < 2; i += 1) durations.add(7);
    window.add([durations]);

    const told = window.latency([durations]);
    expect(told).toMatchObject({ count: 100, p99: 0.1, ceiling: 0.1 });
    expect(told?.p50).toBeCloseTo((0.001 * 50) / 98, 6);
    for (let i = 0; i < 9; i += 1) window.add([durations]);
    expect(window.latency([durations])).not.toBeNull();
    window.add([durations]);
    expect(window.latency([durations])).toBeNull();
  });
});

describe('what an invalidation may take, by the rules', () => {
  const template = (name: string, tags: readonly string[] | null, events: readonly string[] = []) => ({
    ...{ template: name, tags, events, sharedTags: [], methods: [] },
  });
  const known = [template('user:{id}:a', ['user:{id}', 'plan:pro']), template('all.{x}', ['all'], ['x.changed'])];
  const label = (): string => 'user:{id}:a';

  it('is told by tag, key and pattern', () => {
    const rules = new KnownRules({ templates: known, doubts: [] }, label);

    expect(rules.reach({ kind: 'tag', name: 'user:7' })).toEqual(['user:{id}:a']);
    expect(rules.reach({ kind: 'tag', name: 'plan-pro' })).toEqual([]);
    expect(rules.reach({ kind: 'key', name: 'user:7:a' })).toEqual(['user:{id}:a']);
    expect(rules.reach({ kind: 'pattern', name: 'user:*' })).toEqual(['user:{id}:a']);
    expect(rules.reach({ kind: 'pattern', name: 'other:*' })).toBeNull();
    expect(rules.reach({ kind: 'everything', name: '*' })).toBeNull();
    expect([rules.hasEvent('user:{id}:a'), rules.hasEvent('all.{x}'), rules.hasEvent('other')]).toEqual([
      ...[false, true, null],
    ]);
  });

  it('is not told where tags cannot be', () => {
    const doubts = [{ name: 'user:{id}:a', message: 'x' }];
    const rules = new KnownRules({ templates: [...known, template('dark:{id}', null)], doubts }, label);

    expect(rules.reach({ kind: 'tag', name: 'nobody:7' })).toBeNull();
    expect(rules.reach({ kind: 'tag', name: 'all' })).toEqual(['all.{x}']);
    expect(rules.hasEvent('user:{id}:a')).toBeNull();
  });
});

describe('over HTTP', () => {
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  beforeEach(async () => {
    server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  it('files of the page have a type and an ETag, and never change where their names say what is in them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'page-'));
    for (const name of ['index.html', 'page-3KQ5ZC2B.js', 'secret.map']) writeFileSync(join(folder, name), `<${name}>`);
    const files = new PageFiles(folder);
    answer = (request, response) => {
      const exchange = new WebExchange(request as never, response);
      try {
        if (request.url === '/') files.index(exchange);
        else files.asset(exchange, (request.url as string).slice(1));
      } catch (error) {
        response.writeHead(error instanceof Refused ? error.status : 500).end();
      }
    };

    const page = await fetch(url());
    expect([await page.text(), page.headers.get('content-type')]).toEqual(['<index.html>', 'text/html; charset=utf-8']);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const script = await fetch(`${url()}page-3KQ5ZC2B.js`);
    expect(script.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const again = await fetch(url(), { headers: { 'if-none-match': `W/"x", ${page.headers.get('etag') ?? ''}` } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    for (const name of ['secret.map', '..%2f.env', 'none.js'])
      expect((await fetch(`${url()}${name}`)).status).toBe(404);
    rmSync(folder, { recursive: true });
  });

  it('a page that reads nothing is not told of more than it can take, and begins anew when it reads again', async () => {
    const [begun, gone] = [vi.fn(), vi.fn()];
    let client: Client | undefined;
    let unread = (): number => NaN;
    answer = (_, response) => {
      unread = () => response.writableLength;
      response.writeHead(200).flushHeaders();
      client = new Client(response, 'ada', begun, gone);
    };
    const asking = get(url());
    const [page] = (await once(asking, 'response')) as [IncomingMessage];
    const megabyte = `: ${'x'.repeat(1_048_576)}\n\n`;

    for (let i = 0; i < 200; i += 1) client?.tellText(megabyte);
    expect(unread()).toBeLessThan(4 * 1_048_576);
    expect(begun).not.toHaveBeenCalled();
    page.resume();
    await until(() => begun.mock.calls.length === 1, 5_000);
    expect(begun).toHaveBeenCalledWith(client);
    asking.destroy();
    await until(() => gone.mock.calls.length === 1, 5_000);
  });
});

describe('the doctor', () => {
  const suite = redisOfSuite();
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('is run by the command line, once for all who ask at a time', { timeout: 60_000 }, async () => {
    vi.stubEnv('NODE_OPTIONS', '--import tsx');
    vi.stubEnv('REDIS_URL', suite.url);
    const doctor = new Doctor('src/cli/main.ts', () => 7);

    const [one, other] = await Promise.all([doctor.examine(), doctor.examine()]);
    expect(one).toMatchObject({ at: 7, target: expect.stringContaining('127.0.0.1') as string });
    expect(one.results.map(({ id }) => id)).toContain('connection.opens');
    expect(one.results.find(({ id }) => id === 'connection.opens')).toMatchObject({ status: 'pass' });
    expect(one).toEqual(other);
  });

  it('says where it cannot run', async () => {
    await expect(new Doctor('/nowhere/main.js', () => 7).examine()).rejects.toMatchObject({ status: 501 });
    await expect(new Doctor('package.json', () => 7).examine()).rejects.toMatchObject({ status: 501 });
  });
});
