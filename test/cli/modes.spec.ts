import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { passwordOf, serverUsers } from '../support/acl.js';
import { ask } from '../support/ask.js';
import { type ClusterNode, RedisCluster } from '../support/redis-cluster.js';
import { RedisReplicas } from '../support/redis-replicas.js';
import { RedisSentinel } from '../support/redis-sentinel.js';
import { RedisServer } from '../support/redis-server.js';
import { Certificates } from '../support/tls.js';
import { diagnose, found, idsOf } from './doctor-run.js';

/** As in servers.ts, and a limit of memory that each server has. */
const HARDENED = { users: serverUsers(), args: ['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'] };
const COMMON = { NODE_ENV: 'production', CACHE_COMMAND_TIMEOUT_MS: '10000' };
const as = (user: string): Record<string, string> => ({
  ...COMMON,
  REDIS_USERNAME: user,
  REDIS_PASSWORD: passwordOf(user),
});
/** The passwords of the tests are short, and their machine is not the doctor's to judge. */
const OF_THE_TESTS = ['settings.password', 'connection.latency', 'server.slow-commands', 'memory.limit'];
const others = (ids: readonly string[]): string[] => ids.filter((id) => !OF_THE_TESTS.includes(id));

describe('behind Sentinels the doctor', { timeout: 60_000 }, () => {
  let all: RedisSentinel;
  let variables: Record<string, string>;
  beforeAll(async () => {
    all = await RedisSentinel.start(HARDENED);
    variables = {
      ...as('app'),
      REDIS_SENTINELS: all.sentinelUrls.join(','),
      REDIS_SENTINEL_NAME: all.name,
      REDIS_SENTINEL_USERNAME: 'app',
      REDIS_SENTINEL_PASSWORD: passwordOf('app'),
    };
  }, 60_000);
  afterAll(() => all.stop());

  it('examines the primary that they name, as the user of the application', async () => {
    const diagnosis = await diagnose(variables);
    const { port } = await all.primary();
    expect(found(diagnosis, 'connection.opens')).toBe(`pass: connected to the primary at 127.0.0.1:${port}`);
    expect(found(diagnosis, 'settings.redis')).toBe('pass: REDIS_SENTINELS is set');
    expect(found(diagnosis, 'access.strangers')).toBe('pass: whoever has no password is refused');
    expect(found(diagnosis, 'access.user')).toBe('pass: user app');
    expect(found(diagnosis, 'server.replicas')).toBe('pass: 2 replicas, 0 waited for');
    expect(found(diagnosis, 'connection.reconnects')).toMatch(/^pass: socket cut, back after/);
    expect(others([...idsOf(diagnosis, 'fail'), ...idsOf(diagnosis, 'warn')])).toEqual([]);
    expect(diagnosis.report.target).toBe(`the primary main of the Sentinels ${all.sentinelUrls.join(', ')}`);
    expect(diagnosis.out).not.toContain(passwordOf('app'));
  });

  it('finds that more replicas are waited for than there are, or all of them', async () => {
    const waiting = (count: string): Promise<string> =>
      diagnose({ ...variables, REDIS_WAIT_REPLICAS: count }).then((diagnosis) => found(diagnosis, 'server.replicas'));
    expect(await waiting('3')).toBe('fail: 2 replicas, 3 waited for');
    expect(await waiting('2')).toBe('warn: 2 replicas, 2 waited for');
  });

  it('finds that the Sentinels are not given a password of their own', async () => {
    const secret = { REDIS_PASSWORD: 'long enough for the doctor', REDIS_SENTINEL_PASSWORD: '' };
    const diagnosis = await diagnose({ ...variables, ...secret });
    expect(found(diagnosis, 'settings.password')).toBe('warn: for the Sentinels none');
  });

  it.each([
    ['does not exist', { REDIS_SENTINEL_NAME: 'stranger' }],
    ['cannot be asked for', { REDIS_SENTINEL_PASSWORD: 'wrong' }],
    ['nobody tells', { REDIS_SENTINELS: '127.0.0.1:1' }],
  ])('says what to look at when the primary %s', async (_, wrong) => {
    const diagnosis = await diagnose({ ...variables, ...wrong });
    expect(found(diagnosis, 'connection.opens')).toBe('fail: unavailable');
    const opens = diagnosis.report.checks.find(({ id }) => id === 'connection.opens');
    expect(opens?.remedy).toMatch(/REDIS_SENTINELS can be reached, REDIS_SENTINEL_NAME/);
  });

  it('is led to the one server of --url, whatever the variables say', async () => {
    const { port } = await all.primary();
    const diagnosis = await diagnose({ ...variables, REDIS_READ_FROM_REPLICAS: 'true' }, [
      '--url',
      `redis://127.0.0.1:${port}/0`,
    ]);
    expect(diagnosis.report.target).toBe(`redis://127.0.0.1:${port}/0`);
    expect(found(diagnosis, 'connection.opens')).toBe('pass: connected');
    expect(found(diagnosis, 'settings.valid')).toBe('pass: every variable keeps its rule');
  });
});

describe('of a Cluster the doctor', { timeout: 60_000 }, () => {
  let cluster: RedisCluster;
  let variables: Record<string, string>;
  beforeAll(async () => {
    cluster = await RedisCluster.start(HARDENED);
    variables = { ...as('app'), REDIS_CLUSTER_NODES: cluster.urls.slice(0, 2).join(',') };
  }, 60_000);
  afterAll(() => cluster.stop());

  it('examines every primary, and what only a Cluster has', async () => {
    const diagnosis = await diagnose(variables);
    expect(found(diagnosis, 'connection.opens')).toBe('pass: connected to 3 primaries');
    expect(found(diagnosis, 'settings.redis')).toBe('pass: REDIS_CLUSTER_NODES is set');
    expect(found(diagnosis, 'cluster.state')).toBe('pass: ok');
    expect(found(diagnosis, 'cluster.slots')).toBe('pass: 16384 of 16384 slots');
    expect(found(diagnosis, 'cluster.commands')).toMatch(/^pass: CLUSTER SLOTS, .*, ASKING, READONLY$/);
    expect(found(diagnosis, 'server.replicas')).toBe('pass: 1 replicas, 0 waited for');
    expect(found(diagnosis, 'keys.ledger')).toMatch(/^pass: length \d+$/);
    expect(found(diagnosis, 'access.strangers')).toBe('pass: whoever has no password is refused');
    expect(found(diagnosis, 'connection.reconnects')).toMatch(
      /^pass: (127.0.0.1:\d+: socket cut, back after \d+ ms(; )?){3}$/,
    );
    expect(others([...idsOf(diagnosis, 'fail'), ...idsOf(diagnosis, 'warn')])).toEqual([]);
  });

  it('names the primary that differs, and finds the worst of all', async () => {
    const [one, other] = (await cluster.primaries()).map(({ server }) => server) as [RedisServer, RedisServer];
    await ask(one, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await ask(other, 'CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    await ask(other, 'ACL', 'SETUSER', 'app', '-cluster|slots', '+keys');
    const diagnosis = await diagnose(variables);
    expect(found(diagnosis, 'memory.policy')).toBe(
      `fail: 127.0.0.1:${one.port}: noeviction: once full, nothing is stored`,
    );
    expect(found(diagnosis, 'cluster.commands')).toBe(`fail: 127.0.0.1:${other.port}: may not run CLUSTER SLOTS`);
    expect(found(diagnosis, 'access.dangerous')).toBe(`fail: 127.0.0.1:${other.port}: may run KEYS`);
    await ask(other, 'ACL', 'SETUSER', 'app', '+cluster|slots', '-keys');
    for (const server of [one, other]) await ask(server, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  });

  it('finds a primary without a replica, and slots that nobody serves', async () => {
    const [victim] = (await cluster.primaries()) as [ClusterNode];
    for (const { server } of await cluster.replicasOf(victim)) await server.kill();
    await expect.poll(() => ask(victim.server, 'INFO', 'replication').then(String)).toContain('connected_slaves:0');
    const alone = await diagnose(variables);
    expect(found(alone, 'server.replicas')).toMatch(/^warn: 127.0.0.1:\d+: 0 replicas, 0 waited for$/);

    // The other parts are served. The last of it is gone, and nobody is asked to take over.
    for (const { server } of await cluster.primaries())
      await ask(server, 'CONFIG', 'SET', 'cluster-require-full-coverage', 'no');
    await victim.server.kill();
    const partly = await untilFound('cluster.slots', 'fail');
    expect(found(partly, 'cluster.slots')).toMatch(/^fail: .*\b\d{5} of 16384 slots/);
    expect(partly.code).toBe(1);

    for (const { server } of await cluster.primaries())
      await ask(server, 'CONFIG', 'SET', 'cluster-require-full-coverage', 'yes');
    const down = await untilFound('connection.opens', 'fail');
    expect(down.out).toContain('is whole (CLUSTER INFO)');
  });

  /** The nodes take their time to agree. */
  async function untilFound(id: string, status: string): Promise<Awaited<ReturnType<typeof diagnose>>> {
    for (;;) {
      const diagnosis = await diagnose(variables);
      if (found(diagnosis, id).startsWith(status)) return diagnosis;
    }
  }
});

describe('by socket and TLS the doctor', { timeout: 30_000 }, () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  it('connects and knocks', async () => {
    const server = await RedisServer.start({ ...HARDENED, unixSocket: true });
    closing.push(() => server.stop());
    const diagnosis = await diagnose({ ...as('app'), REDIS_URL: `unix://${server.socketPath}?db=0` });
    expect(diagnosis.report.target).toBe(`unix://${server.socketPath}?db=0`);
    expect(found(diagnosis, 'settings.tls')).toBe('pass: a socket of this machine');
    expect(found(diagnosis, 'access.strangers')).toBe('pass: whoever has no password is refused');
    expect(others([...idsOf(diagnosis, 'fail'), ...idsOf(diagnosis, 'warn')])).toEqual([]);
  });

  it('takes certificates from the variables, and says when one is missing', async () => {
    const certificates = await Certificates.create();
    const server = await RedisServer.start({ ...HARDENED, tls: { certificates, clientAuth: true } });
    closing.push(
      () => certificates.remove(),
      () => server.stop(),
    );
    const files = {
      REDIS_TLS_CA_FILE: certificates.authority(),
      REDIS_TLS_CERT_FILE: certificates.certificate('client'),
      REDIS_TLS_KEY_FILE: certificates.key('client'),
    };
    const variables = { ...as('app'), REDIS_URL: server.address, ...files };
    const diagnosis = await diagnose(variables);
    expect(found(diagnosis, 'settings.tls')).toBe('pass: rediss://');
    expect(found(diagnosis, 'access.strangers')).toBe('pass: whoever has no password is refused');
    expect(others([...idsOf(diagnosis, 'fail'), ...idsOf(diagnosis, 'warn')])).toEqual([]);

    const untrusted = await diagnose({ ...variables, REDIS_TLS_CA_FILE: '' });
    expect(found(untrusted, 'connection.opens')).toMatch(/^fail: /);
    expect(untrusted.out).toContain('REDIS_TLS_CA_FILE');
    const lost = await diagnose({ ...variables, REDIS_TLS_KEY_FILE: '/nowhere/key.pem' });
    expect(found(lost, 'settings.valid')).toBe('fail: 1 problem');
    expect(lost.out).toContain('REDIS_TLS_KEY_FILE must be a file that can be read');
    const half = await diagnose({ ...variables, REDIS_TLS_KEY_FILE: '' });
    expect(found(half, 'connection.opens')).toBe('fail: not-usable');
    expect(half.out).toContain('given both cert and key, or neither');
  });

  it('finds a replica that is reached in the clear', async () => {
    const all = await RedisReplicas.start(HARDENED);
    closing.push(() => all.stop());
    const variables = { ...as('app'), REDIS_URL: all.primary.address, REDIS_REPLICAS: all.replicaUrls.join(',') };
    const near = await diagnose(variables);
    expect(found(near, 'settings.tls')).toBe('pass: redis:// to this machine');
    expect(found(near, 'server.replicas')).toBe('pass: 1 replicas, 0 waited for');
    const far = await diagnose({ ...variables, REDIS_REPLICAS: 'replica.invalid:6379' });
    expect(found(far, 'settings.tls')).toMatch(/^warn: redis:\/\/ to another host/);
  });
});
