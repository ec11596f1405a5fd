import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TcpProxy } from '../../src/testing/tcp-proxy.js';
import { diagnose, found, idsOf } from './doctor-run.js';
import { CANARY, variablesOf, Ward } from './servers.js';

const ward = new Ward();
// It is loaded when it is asked for, which takes longer here than where it is compiled.
beforeAll(() => import('../../src/cli/commands/doctor.js'));
afterEach(() => ward.close());

/** On a free machine it takes a third of that. */
const PROMPTLY_MS = 5_000;

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; took: number }> {
  const start = performance.now();
  return { result: await work(), took: performance.now() - start };
}

describe('without a connection the doctor says why, promptly, and looks at the rest', () => {
  it('when Redis is away', async () => {
    const server = await ward.hardened();
    await server.kill();
    const { result, took } = await timed(() => diagnose(variablesOf(server, 'app')));
    expect(found(result, 'connection.opens')).toBe('fail: unavailable');
    expect(found(result, 'settings.password')).toBe('pass: one of its own');
    expect(idsOf(result, 'unknown')).toContain('memory.policy');
    expect(result.out + result.err).not.toMatch(/\n +at /);
    expect(result.code).toBe(1);
    expect(took).toBeLessThan(PROMPTLY_MS);
  });

  it('when Redis accepts and does not answer', async () => {
    const server = await ward.hardened();
    server.freeze();
    const { result, took } = await timed(() => diagnose(variablesOf(server, 'app')));
    server.resume();
    expect(found(result, 'connection.opens')).toBe('fail: timeout');
    expect(took).toBeLessThan(PROMPTLY_MS);
  });

  it('when the password is wrong', async () => {
    const server = await ward.hardened();
    const { result, took } = await timed(() =>
      diagnose({ ...variablesOf(server, 'app'), REDIS_PASSWORD: `${CANARY}-wrong` }),
    );
    expect(found(result, 'connection.opens')).toBe('fail: authentication');
    expect(result.out).not.toContain(CANARY);
    expect(took).toBeLessThan(PROMPTLY_MS);
  });

  it('when Redis falls silent in the middle, without waiting for every command', async () => {
    const server = await ward.hardened();
    const proxy = await TcpProxy.to(server.port);
    proxy.slow(50);
    const running = timed(() => diagnose(variablesOf(proxy, 'app')));
    await expect.poll(() => proxy.connections).toBeGreaterThan(0);
    await sleep(700);
    proxy.swallow(true);
    const { result, took } = await running;
    await proxy.close();
    expect(result.report.checks.map(({ observed }) => observed)).toContainEqual(
      expect.stringMatching(/was not answered$/),
    );
    expect(found(result, 'connection.latency')).toBe('fail: no answer');
    expect(result.code).toBe(1);
    expect(took).toBeLessThan(2 * PROMPTLY_MS);
  });

  it('when no variable says where Redis is', async () => {
    const result = await diagnose({ NODE_ENV: 'production' });
    expect(found(result, 'settings.redis')).toBe('fail: no REDIS_URL, REDIS_SENTINELS, REDIS_CLUSTER_NODES');
    expect(found(result, 'connection.opens')).toBe('unknown: nothing to connect to');
    expect(result.code).toBe(1);
  });

  it('when a variable breaks its rule', async () => {
    const result = await diagnose({ REDIS_URL: `http://:${CANARY}@localhost:1`, CACHE_SCAN_COUNT: 'many' });
    expect(found(result, 'settings.valid')).toBe('fail: 2 problems');
    expect(result.out).toContain('CACHE_SCAN_COUNT');
    expect(result.out).not.toContain(CANARY);
  });

  it('and connects nevertheless when production refuses the password', async () => {
    const server = await ward.server();
    const result = await diagnose({ ...variablesOf(server), NODE_ENV: 'production' });
    expect(found(result, 'settings.valid')).toBe('fail: 1 problem');
    expect(found(result, 'settings.production')).toBe('pass: NODE_ENV is production');
    expect(found(result, 'connection.opens')).toBe('pass: connected');
  });
});

describe('with next to no rights', () => {
  it('what cannot be asked is unknown, and what the cache lacks fails', async () => {
    const server = await ward.open();
    await ward.client(server).acl('SETUSER', 'bare', 'on', `>${CANARY}`, '~shadower:*', '-@all', '+@connection');
    const result = await diagnose(variablesOf(server, 'bare'));
    expect(found(result, 'connection.opens')).toBe('pass: connected');
    expect(found(result, 'memory.policy')).toBe('unknown: INFO is refused to this user');
    expect(found(result, 'server.bind')).toBe('unknown: CONFIG GET is refused to this user');
    expect(found(result, 'access.scripts')).toBe('fail: EVAL is refused');
    expect(result.code).toBe(1);
  });
});
