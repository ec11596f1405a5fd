import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../guards/sandbox.js';
import { freePort } from '../support/free-port.js';
import { SHIPPED, ShippedRedis } from './support/shipped-redis.js';

describe('docker/redis/healthcheck.sh', () => {
  let redis: ShippedRedis;
  beforeAll(async () => {
    redis = await ShippedRedis.start();
  });
  afterAll(() => redis.stop());

  const check = async (env: Record<string, string>): Promise<number> => {
    const script = join(SHIPPED, 'healthcheck.sh');
    return (await run(redis.secrets, 'sh', [script, '-p', String(redis.server.port)], env)).code;
  };

  it('passes with the secret, and with the password of development', async () => {
    expect(await check({ REDIS_SECRETS: redis.secrets })).toBe(0);
    expect(await check({ REDIS_SECRETS: '/none', REDIS_PASSWORD: redis.passwordOf('health') })).toBe(0);
  });

  it('fails on NOAUTH, where redis-cli ping alone passes', async () => {
    expect(await check({ REDIS_SECRETS: '/none', REDIS_PASSWORD: '' })).not.toBe(0);
    const ping = await run(redis.secrets, 'redis-cli', ['-p', String(redis.server.port), 'ping']);
    expect(ping).toMatchObject({ code: 0, stdout: expect.stringContaining('NOAUTH') as string });
  });

  it('fails on a wrong password', async () => {
    expect(await check({ REDIS_SECRETS: '/none', REDIS_PASSWORD: 'wrong' })).not.toBe(0);
  });

  it('fails on a server that is gone', async () => {
    const other = await ShippedRedis.start();
    const env = { REDIS_SECRETS: other.secrets };
    const script = [join(SHIPPED, 'healthcheck.sh'), '-p', String(other.server.port)];
    expect(await run(SHIPPED, 'sh', script, env)).toMatchObject({ code: 0 });
    await other.server.kill();
    expect((await run(SHIPPED, 'sh', script, env)).code).not.toBe(0);
    await other.stop();
  });
});

// cspell:ignore Acreateserial extfile keyout paramgen pkeyopt

/** An authority and a certificate for this machine, under the names that start.sh looks for. */
async function makeCertificates(folder: string): Promise<void> {
  const openssl = async (...args: string[]): Promise<void> => {
    const { code, output } = await run(folder, 'openssl', args);
    if (code !== 0) throw new Error(output);
  };
  const key = ['-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const authority = ['-CA', 'redis_tls_ca', '-CAkey', 'authority', '-CAcreateserial', '-days', '1'];
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  await openssl('req', '-x509', ...key, '-subj', '/CN=authority', '-keyout', 'authority', '-out', 'redis_tls_ca');
  await openssl('req', ...key, '-subj', '/CN=redis', '-keyout', 'redis_tls_key', '-out', 'request');
  await openssl('x509', '-req', '-in', 'request', ...authority, '-extfile', 'names', '-out', 'redis_tls_cert');
}

describe('with REDIS_TLS', () => {
  it('Redis and its health check speak TLS, to those who trust the authority', async () => {
    const port = await freePort();
    const env = { REDIS_TLS: 'yes', REDIS_TLS_PORT: String(port) };
    const redis = await ShippedRedis.start(env, {}, makeCertificates);
    const once = { port, retryStrategy: () => null, maxRetriesPerRequest: 0 };
    const ca = readFileSync(join(redis.secrets, 'redis_tls_ca'));
    try {
      expect(await redis.clientOf('app', { ...once, tls: { ca } }).ping()).toBe('PONG');
      const script = [join(SHIPPED, 'healthcheck.sh'), '-h', '127.0.0.1', '-p', String(port)];
      expect(await run(SHIPPED, 'sh', script, { ...env, REDIS_SECRETS: redis.secrets })).toMatchObject({ code: 0 });

      for (const refused of [redis.clientOf('app', { ...once, tls: {} }), redis.clientOf('app', once)]) {
        await expect(refused.ping()).rejects.toThrow();
      }
    } finally {
      await redis.stop();
    }
  });
});
