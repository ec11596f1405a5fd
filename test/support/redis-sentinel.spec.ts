import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passwordOf, serverUsers } from './acl.js';
import { ask } from './ask.js';
import { RedisSentinel } from './redis-sentinel.js';
import { itCanHaveDoors, itLeavesNothingAfterACrash } from './server-group.contract.js';
import { remaining, tracesOf } from './traces.js';

/** Two failovers on a loaded machine. */
const SLOW_MS = 60_000;

let topology: RedisSentinel;
beforeAll(async () => {
  topology = await RedisSentinel.start();
});
afterAll(() => topology.stop());

describe('RedisSentinel', () => {
  it('starts a primary, two replicas and three Sentinels', async () => {
    const primary = await topology.primary();

    expect(primary).toBe(topology.servers[0]);
    expect(topology.sentinelUrls).toHaveLength(3);
    const roles = await Promise.all(topology.servers.map((server) => ask(server, 'ROLE')));
    expect(roles).toMatchObject([
      ['master', expect.any(Number), [expect.any(Array), expect.any(Array)]],
      ['slave', '127.0.0.1', primary.port, 'connected', expect.any(Number)],
      ['slave', '127.0.0.1', primary.port, 'connected', expect.any(Number)],
    ]);
  });

  it('leads a client to the primary', async () => {
    const sentinels = topology.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
    const client = new Redis({ sentinels, name: topology.name });

    expect(await client.set('user:1', 'one')).toBe('OK');
    expect(await ask(await topology.primary(), 'GET', 'user:1')).toBe('one');
    client.disconnect();
  });

  it('makes a replica the primary as planned', async () => {
    const before = await topology.primary();
    await topology.failover();

    const primary = await topology.primary();
    expect(primary).not.toBe(before);
    expect(await ask(before, 'ROLE')).toContain(primary.port);
  });

  it.each(['kill', 'freeze'] as const)(
    'goes on after the %s of the primary, which comes back as a replica',
    async (end) => {
      const before = await topology.primary();

      await before[end]();
      await topology.untilHealthy();
      const primary = await topology.primary();
      expect(primary).not.toBe(before);

      if (end === 'kill') await before.restart();
      else before.resume();
      await topology.untilHealthy();
      expect(await topology.primary()).toBe(primary);
      expect(await ask(before, 'ROLE')).toContain(primary.port);
    },
    SLOW_MS,
  );

  it(
    'goes on without one of its Sentinels',
    async () => {
      const [first] = topology.sentinels;
      await first?.kill();
      await topology.failover();
      await first?.restart();
      await topology.untilHealthy();
    },
    SLOW_MS,
  );
});

describe('its doors', () => {
  itCanHaveDoors(
    (door) => RedisSentinel.start(door),
    (guarded) => guarded.failover(),
  );

  it(
    'refuse nothing that servers and Sentinels ask of each other, nor the client of the application',
    async () => {
      const guarded = await RedisSentinel.start({ users: serverUsers() });
      const sentinels = guarded.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
      const client = new Redis({
        sentinels,
        name: guarded.name,
        username: 'app',
        password: passwordOf('app'),
        sentinelUsername: 'app',
        sentinelPassword: passwordOf('app'),
        failoverDetector: true,
        protocol: 2,
        disableClientInfo: true,
      });
      client.on('error', () => undefined);
      try {
        expect(await client.ping()).toBe('PONG');
        const before = await guarded.primary();
        await before.kill();
        await guarded.untilHealthy();
        await before.restart();
        await guarded.untilHealthy();
        const logs = await Promise.all(
          [...guarded.servers, ...guarded.sentinels].map((each) => ask(each, 'ACL', 'LOG')),
        );
        // The client tells each Sentinel its name whether it is to or not; Redis 7.0 has no such command to allow.
        const refused = (logs.flat() as unknown[][]).filter((entry) => !entry.includes('client|setinfo'));
        expect(refused).toEqual([]);
      } finally {
        client.disconnect();
        await guarded.stop();
      }
    },
    SLOW_MS,
  );
});

describe('at its end', () => {
  it('leaves no process and no directory', async () => {
    const small = await RedisSentinel.start({ replicas: 1, sentinels: 1 });
    const traces = tracesOf([...small.servers, ...small.sentinels]);
    small.servers[1]?.freeze();
    expect(remaining(traces)).toHaveLength(6);

    await small.stop();

    expect(remaining(traces)).toEqual([]);
  });

  itLeavesNothingAfterACrash(
    6,
    'redis-sentinel.ts',
    'const all = await module.RedisSentinel.start(); return [...all.servers, ...all.sentinels];',
  );
});
