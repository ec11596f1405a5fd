import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RedisTls } from '../../src/index.js';
import { makeCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { Certificates, type Identity } from '../support/tls.js';

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

  function connecting(url: string, tls: RedisTls): TestCache {
    const instance = makeCache({ redis: { url, tls, retry: 'fast' } });
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
    await until(() => events.some(({ type }) => type === 'connection.retrying'));
    expect(runtime.connection?.isReady).toBe(false);
    expect(await cache.getOrLoad('k', () => 'loaded')).toBe('loaded');
  });

  it('is refused by a server that asks for a certificate and gets none, or that of a stranger', async () => {
    const { url } = await server('server', true);
    for (const tls of [certificates.read(), { ...certificates.read('stranger') }]) {
      const { runtime, events } = connecting(url, tls);
      await until(() => events.some(({ type }) => type === 'connection.retrying'));
      expect(runtime.connection?.isReady).toBe(false);
    }
  });
});
