import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RedisOptions, RedisTls } from '../../src/index.js';
import { makeCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { Certificates, type Identity } from '../support/tls.js';

/** The server ends the connection without waiting for its word on our certificate to be read. */
const HUNG_UP = 'unavailable';

describe('TLS', { timeout: 30_000 }, () => {
  let certificates: Certificates;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    certificates = await Certificates.create();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(() => certificates.remove());

  async function server(as: Identity = 'server', clientAuth = false): Promise<RedisServer> {
    const started = await RedisServer.start({ tls: { certificates, as, clientAuth } });
    closing.push(() => started.stop());
    return started;
  }

  const cluster = (node: string): RedisOptions => ({ mode: 'cluster', nodes: [node] });
  const connecting = (url: string, tls: RedisTls): TestCache => started({ url, tls });

  /** As what the first attempt is told. */
  async function failureOf(events: TestCache['events']): Promise<string | undefined> {
    await until(() => events.some(({ type }) => type === 'connection.retrying'));
    return events.flatMap((event) => (event.type === 'connection.retrying' ? [event.failure] : []))[0];
  }

  function started(redis: RedisOptions): TestCache {
    const instance = makeCache({ redis: { ...redis, retry: 'fast' } });
    closing.push(() => instance.close());
    instance.runtime.start();
    return instance;
  }

  it('is used with the authority that signed the server', async () => {
    const { url } = await server();
    const { cache, runtime } = connecting(url, certificates.read());
    await until(() => runtime.connection?.isReady === true);
    expect(await cache.set('k', 1)).toBe(true);
  });

  it('presents our certificate to a server that asks for one', async () => {
    const { url } = await server('server', true);
    const { runtime } = connecting(url, certificates.read('client'));
    await until(() => runtime.connection?.isReady === true);
  });

  it('takes the name that the certificate must carry', async () => {
    const { url } = await server('wrong-name');
    const { runtime } = connecting(url, { ...certificates.read(), serverName: 'elsewhere.invalid' });
    await until(() => runtime.connection?.isReady === true);
  });

  it.each([
    ['an authority that we do not trust', 'stranger'],
    ['another name', 'wrong-name'],
    ['a certificate that has expired', 'expired'],
  ] as const)('is refused to a server with %s; values are loaded', async (_, as) => {
    const { url } = await server(as);
    const { cache, runtime, events } = connecting(url, certificates.read());
    expect(await failureOf(events)).toBe('certificate');
    expect(runtime.connection?.isReady).toBe(false);
    expect(await cache.getOrLoad('k', () => 'loaded')).toBe('loaded');
  });

  it('is refused to Sentinels and nodes of a Cluster by the same word', async () => {
    const { address } = await server('expired');
    const modes = [{ mode: 'sentinel', sentinels: [address], name: 'main' } as const, cluster(address)];
    for (const redis of modes) {
      const { events } = started({ ...redis, tls: certificates.read() });
      expect(await failureOf(events)).toBe('certificate');
    }
  });

  it('is refused by a server for a certificate of ours that has expired', async () => {
    const { url } = await server('server', true);
    const { events } = connecting(url, certificates.read('expired'));
    expect(['certificate', HUNG_UP]).toContain(await failureOf(events));
  });

  it('is refused by a server that asks for a certificate and gets none, or that of a stranger', async () => {
    const { url } = await server('server', true);
    for (const tls of [certificates.read(), { ...certificates.read('stranger') }]) {
      const { runtime, events } = connecting(url, tls);
      expect(['certificate', HUNG_UP]).toContain(await failureOf(events));
      expect(runtime.connection?.isReady).toBe(false);
    }
  });
});
