import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { MACHINE_CLOCK } from '../../src/cli/clock.js';
import { DEVELOPMENT_PASSWORD } from '../../src/index.js';
import { TcpProxy } from '../../src/testing/tcp-proxy.js';
import { diagnose, found } from './doctor-run.js';
import { CANARY, variablesOf, Ward } from './servers.js';

const ward = new Ward();
afterEach(() => ward.close());

describe('the doctor finds', () => {
  it('no password, the default user, and all that it may do', async () => {
    const diagnosis = await diagnose(variablesOf(await ward.open()));
    expect(found(diagnosis, 'settings.password')).toBe('fail: none');
    expect(found(diagnosis, 'access.strangers')).toBe('fail: strangers are let in');
    expect(found(diagnosis, 'access.user')).toBe('warn: user default');
    expect(found(diagnosis, 'access.prefix')).toBe('warn: may touch keys of others');
    expect(found(diagnosis, 'access.dangerous')).toMatch(/^fail: may run KEYS, FLUSHALL, .* CLIENT KILL$/);
    expect(diagnosis.code).toBe(1);
  });

  it('the published password, also where the application uses another', async () => {
    const server = await ward.server({
      password: DEVELOPMENT_PASSWORD,
      args: ['--user', 'app', 'on', `>${CANARY}`, '~*', '+@all'],
    });
    const same = await diagnose({ REDIS_URL: server.url });
    expect(found(same, 'settings.password')).toBe('fail: the published development password');
    const other = await diagnose(variablesOf(server, 'app'));
    expect(found(other, 'settings.password')).toBe('pass: one of its own');
    expect(found(other, 'access.strangers')).toBe('fail: strangers are let in by the published password');
  });

  it('a user that may run KEYS and FLUSHALL, and nothing else that is dangerous', async () => {
    const server = await ward.open();
    await ward.client(server).acl('SETUSER', 'app', '+keys', '+flushall');
    const diagnosis = await diagnose(variablesOf(server, 'app'));
    expect(found(diagnosis, 'access.dangerous')).toBe('fail: may run KEYS, FLUSHALL');
    expect(found(diagnosis, 'access.prefix')).toBe('pass: keys of shadower:* only');
  });

  it('a user that may not run scripts, add to the ledger or set', async () => {
    const server = await ward.open();
    const client = ward.client(server);
    await client.acl('SETUSER', 'app', '-xadd', '-set');
    const diagnosis = await diagnose(variablesOf(server, 'app'));
    expect(found(diagnosis, 'access.streams')).toBe('fail: may not run XADD');
    expect(found(diagnosis, 'access.commands')).toBe('fail: may not run SET');
    await client.acl('SETUSER', 'app', '-eval', '+acl|dryrun', '+keys');
    const withoutScripts = await diagnose(variablesOf(server, 'app'));
    expect(found(withoutScripts, 'access.scripts')).toBe('fail: EVAL is refused');
    expect(found(withoutScripts, 'access.dangerous')).toBe('fail: may run KEYS');
    await client.acl('SETUSER', 'app', '-acl');
    const blind = await diagnose(variablesOf(server, 'app'));
    expect(found(blind, 'access.dangerous')).toBe('unknown: ACL DRYRUN is refused to this user');
  });

  it('noeviction and no limit of memory', async () => {
    const server = await ward.open('--maxmemory', '0', '--maxmemory-policy', 'noeviction');
    const diagnosis = await diagnose(variablesOf(server, 'operator'));
    expect(found(diagnosis, 'memory.policy')).toMatch(/^fail: noeviction/);
    expect(found(diagnosis, 'memory.limit')).toBe('fail: none');
    expect(found(diagnosis, 'memory.headroom')).toMatch(/^warn: \d+ MiB, without a limit$/);
  });

  it('a policy that keeps what has no TTL, and memory that is used up', async () => {
    const server = await ward.open('--maxmemory-policy', 'volatile-lru');
    const client = ward.client(server);
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
    await client.config('SET', 'maxmemory', Math.round(1.1 * used));
    const diagnosis = await diagnose(variablesOf(server, 'operator'));
    expect(found(diagnosis, 'memory.policy')).toMatch(/^warn: volatile-lru/);
    expect(found(diagnosis, 'memory.headroom')).toMatch(/^warn: \d+ % of \d MiB, \d+ evicted$/);
  });

  it('persistence: snapshots that stop the writes, those that do not, and an append-only file', async () => {
    const server = await ward.open('--save', '3600 1');
    const client = ward.client(server);
    const asOperator = variablesOf(server, 'operator');
    expect(found(await diagnose(asOperator), 'server.persistence')).toBe(
      'warn: snapshots (save 3600 1); writes stop when one fails',
    );
    await client.config('SET', 'stop-writes-on-bgsave-error', 'no');
    expect(found(await diagnose(asOperator), 'server.persistence')).toBe('pass: snapshots (save 3600 1)');
    await client.config('SET', 'appendonly', 'yes');
    expect(found(await diagnose(asOperator), 'server.persistence')).toBe('warn: appendonly yes');
  });

  it('keys without a TTL under the prefix, and no others', async () => {
    const server = await ward.open();
    const client = ward.client(server);
    await client.mset('shadower:e:{a}', '1', 'shadower:e:{b}', '1', 'foreign:c', '1');
    await client.set('shadower:e:{d}', '1', 'EX', 100);
    // Ledgers and announcements are meant to stay, those of a named cache too.
    await client.xadd('shadower:@reports:ledger:{shadower:ledger}', '*', 'r', '{}');
    await client.xadd('shadower:announced:{shadower:ledger}', '*', 't', 'token');
    await client.xadd('shadower:@reports:announced:{shadower:ledger}', '*', 't', 'token');
    expect(found(await diagnose(variablesOf(server, 'app')), 'keys.expire')).toBe(
      'warn: 2 without a TTL among 3 keys looked at',
    );
  });

  it('a key of another type where the ledger should be', async () => {
    const server = await ward.open();
    await ward.client(server).set('shadower:ledger', 'not a stream', 'EX', 100);
    expect(found(await diagnose(variablesOf(server, 'app')), 'keys.ledger')).toMatch(/^fail: another type/);
  });

  it('a replica', async () => {
    const master = await ward.open();
    const replica = await ward.open('--replicaof', '127.0.0.1', String(master.port));
    const diagnosis = await diagnose(variablesOf(replica, 'app'));
    expect(found(diagnosis, 'server.role')).toBe('fail: a replica');
    expect(found(await diagnose(variablesOf(master, 'app')), 'server.role')).toMatch(/^pass: master/);
  });

  it('answers that take long, and longer than commands are given', async () => {
    const server = await ward.open();
    const proxy = await TcpProxy.to(server.port);
    proxy.slow(60);
    const asApp = { ...variablesOf(proxy, 'app') };
    const slow = await diagnose(asApp);
    const tooSlow = await diagnose({ ...asApp, CACHE_COMMAND_TIMEOUT_MS: '50' });
    await proxy.close();
    expect(found(slow, 'connection.latency')).toMatch(/^warn: p50 [6-9]\d\.|^warn: p50 \d{3}/);
    expect(found(tooSlow, 'connection.latency')).toMatch(/^fail: p50/);
  });

  it('commands that took long, without naming what they were told', async () => {
    const server = await ward.open('--slowlog-log-slower-than', '1000');
    const busy = `local n = 0 for i = 1, 2e6 do n = n + i end return '${CANARY}'`;
    await ward.client(server).eval(busy, 0);
    const diagnosis = await diagnose(variablesOf(server, 'operator'));
    expect(found(diagnosis, 'server.slow-commands')).toMatch(
      /^warn: \d+ slower than 1 ms in the last hour, the slowest/,
    );
    expect(diagnosis.out).not.toContain(CANARY);
  });

  it('that nothing slow is written down', async () => {
    const server = await ward.open('--slowlog-log-slower-than', '-1');
    expect(found(await diagnose(variablesOf(server, 'operator')), 'server.slow-commands')).toBe('warn: switched off');
  });

  it('protected mode switched off, and an address that everybody reaches', async () => {
    const server = await ward.open('--protected-mode', 'no');
    await ward.client(server).config('SET', 'bind', '*');
    const diagnosis = await diagnose(variablesOf(server, 'operator'));
    expect(found(diagnosis, 'server.protected-mode')).toBe('warn: no');
    expect(found(diagnosis, 'server.bind')).toBe('fail: *, without a password');
  });

  it('that there is little room for connections, and that some were rejected', async () => {
    const server = await ward.open('--maxclients', '4');
    const clients = [ward.client(server), ward.client(server)];
    await Promise.all(clients.map((client) => client.ping()));
    expect(found(await diagnose(variablesOf(server, 'app')), 'server.clients')).toBe('warn: 4 of 4, 0 rejected');
    const more = [ward.client(server), ward.client(server), ward.client(server)];
    for (const client of more) client.on('error', () => undefined);
    await expect.poll(async () => await clients[0]?.info('stats')).toMatch(/rejected_connections:[1-9]/);
    for (const client of more) client.disconnect();
    await sleep(50);
    expect(found(await diagnose(variablesOf(server, 'app')), 'server.clients')).toMatch(
      /^warn: \d of 4, [1-9]\d* rejected$/,
    );
  });

  it('clocks that differ', async () => {
    const server = await ward.open();
    const ahead = (ms: number) => ({ clock: { ...MACHINE_CLOCK, now: () => MACHINE_CLOCK.now() + ms } });
    const [little, much] = [
      await diagnose(variablesOf(server, 'app'), [], ahead(5_000)),
      await diagnose(variablesOf(server, 'app'), [], ahead(-90_000)),
    ];
    expect(found(little, 'connection.clock')).toMatch(/^warn: [45]\d{3} ms apart$/);
    expect(found(much, 'connection.clock')).toMatch(/^fail: (89|9\d)\d{3} ms apart$/);
  });
});
