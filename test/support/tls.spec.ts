import { existsSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './ask.js';
import { RedisServer } from './redis-server.js';
import { Certificates, type TlsOptions } from './tls.js';

let certificates: Certificates;
const servers: RedisServer[] = [];
beforeAll(async () => {
  certificates = await Certificates.create();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
afterAll(() => certificates.remove());

async function start(options: Omit<TlsOptions, 'certificates'> = {}): Promise<RedisServer> {
  const server = await RedisServer.start({ tls: { certificates, ...options } });
  servers.push(server);
  return server;
}

/** The answer to a PING, or why there is none. */
async function ping(port: number, tls?: ConnectionOptions, host = '127.0.0.1'): Promise<string> {
  let failure: Error | undefined;
  const client = new Redis({ host, port, ...(tls && { tls }), retryStrategy: () => null, disableClientInfo: true });
  client.on('error', (error: Error) => (failure ??= error));
  try {
    return await client.ping();
  } catch (error) {
    return String(failure ?? error);
  } finally {
    client.disconnect();
  }
}

describe('a server with TLS', () => {
  it('answers who trusts its authority, by address and by name, and nobody else', async () => {
    const { port, url } = await start();

    expect(url).toBe(`rediss://127.0.0.1:${port}/0`);
    expect(await ping(port, certificates.read())).toBe('PONG');
    expect(await ping(port, certificates.read(), 'localhost')).toBe('PONG');
    expect(await ping(port, {})).toMatch(/self-signed|unable to verify/);
    expect(await ping(port)).not.toBe('PONG');
  });

  it('asks clients for a certificate of the authority if it is told to', async () => {
    const server = await start({ clientAuth: true });

    expect(await ping(server.port, certificates.read('client'))).toBe('PONG');
    expect(await ping(server.port, certificates.read())).toContain('certificate required');
    expect(await ping(server.port, certificates.read('stranger'))).toContain('unknown ca');
    expect(await ask(server, 'PING')).toBe('PONG');
  });

  it('can present itself as somebody who must not be believed', async () => {
    const [expired, elsewhere, stranger] = await Promise.all([
      start({ as: 'expired' }),
      start({ as: 'wrong-name' }),
      start({ as: 'stranger' }),
    ]);

    expect(await ping(expired.port, certificates.read())).toContain('certificate has expired');
    expect(await ping(elsewhere.port, certificates.read())).toContain('does not match');
    expect(await ping(stranger.port, certificates.read())).toMatch(/self-signed|unable to verify|signature failure/);
  });
});

describe('Certificates', () => {
  it('are gone when they are removed', async () => {
    const others = await Certificates.create();
    expect(existsSync(others.authority('other'))).toBe(true);
    await others.remove();
    expect(existsSync(others.directory)).toBe(false);
  });
});
