import { afterEach, describe, expect, it } from 'vitest';
import { inSandbox } from '../guards/sandbox.js';
import { diagnose, found, idsOf, run } from './doctor-run.js';
import { CANARY, shippedUsers, variablesOf, Ward } from './servers.js';

const ward = new Ward();
afterEach(() => ward.close());

/** How quick the machine is that these tests run on is not theirs to judge. */
const OF_THE_MACHINE = ['connection.latency', 'server.slow-commands'];
const others = (ids: readonly string[]): string[] => ids.filter((id) => !OF_THE_MACHINE.includes(id));

describe('a hardened Redis', () => {
  it('passes as the application sees it; what its user may not look at is unknown', async () => {
    const server = await ward.hardened();
    const diagnosis = await diagnose(variablesOf(server, 'app'));
    expect(others(idsOf(diagnosis, 'fail'))).toEqual([]);
    expect(others(idsOf(diagnosis, 'warn'))).toEqual([]);
    expect(others(idsOf(diagnosis, 'unknown'))).toEqual([
      'server.version',
      'server.bind',
      'server.protected-mode',
      'server.persistence',
      'metrics.scrape',
      'rules.coverage',
    ]);
    expect(found(diagnosis, 'server.bind')).toBe('unknown: CONFIG GET is refused to this user');
    expect(diagnosis.code).toBe(0);
  });

  it('passes as an operator sees it, the version of the tests and the metrics left aside', async () => {
    const server = await ward.hardened();
    const diagnosis = await diagnose(variablesOf(server, 'operator'));
    const rest = diagnosis.report.checks.filter(({ status }) => status !== 'pass').map(({ id }) => id);
    expect(others(rest).filter((id) => id !== 'server.version')).toEqual(['metrics.scrape', 'rules.coverage']);
    expect(found(diagnosis, 'access.dangerous')).toBe('pass: 14 of 14 refused');
    expect(found(diagnosis, 'server.bind')).toBe('pass: 127.0.0.1');
  });

  it('is what is shipped: its user for the application lacks nothing and may do no harm', async () => {
    await inSandbox([], { 'users.acl': shippedUsers() }, async (box) => {
      const server = await ward.shipped(`${box.directory}/users.acl`);
      const diagnosis = await diagnose(variablesOf(server, 'app'));
      expect(others(idsOf(diagnosis, 'fail'))).toEqual([]);
      expect(others(idsOf(diagnosis, 'warn'))).toEqual([]);
      const access = diagnosis.report.checks.filter(({ id }) => id.startsWith('access.'));
      expect(access.map(({ status }) => status)).toEqual(access.map(() => 'pass'));
      await ward.close();
    });
  });

  it('is the same afterwards, but for the record with which every instance begins the ledger', async () => {
    const server = await ward.open();
    const client = ward.client(server);
    await client.set('shadower:e:{a}', 'value', 'EX', 100);
    await diagnose(variablesOf(server));
    expect((await client.keys('*')).toSorted()).toEqual(['shadower:e:{a}', 'shadower:ledger']);
    expect(await client.xlen('shadower:ledger')).toBe(1);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'allkeys-lru']);
  });

  it('sees its connection come back, cut where the user may not have the server close it', async () => {
    const server = await ward.open();
    const [byApp, byDefault] = [await diagnose(variablesOf(server, 'app')), await diagnose(variablesOf(server))];
    expect(found(byApp, 'connection.reconnects')).toMatch(/^pass: socket cut, back after \d+ ms/);
    expect(found(byDefault, 'connection.reconnects')).toMatch(/^pass: closed by the server, back after \d+ ms/);
  });

  it('is told for people in a line for each check, what to do, and a summary', async () => {
    const server = await ward.hardened();
    const { out } = await run(['doctor'], variablesOf(server, 'app'));
    const [target, lines = '', todo = '', summary] = out.split('\n\n');
    expect(target).toBe(`Redis at redis://app@127.0.0.1:${server.port}/0`);
    expect(lines.split('\n')).toHaveLength(31);
    expect(lines).toMatch(/^✓ Evicts when full +allkeys-lru$/m);
    expect(todo).toMatch(/^What to do\n/);
    expect(todo).toMatch(/^\? Listens where it should: redis-cli CONFIG GET bind$/m);
    expect(summary).toMatch(/^31 checks: \d+ passed, \d+ warned, 0 failed, \d+ unknown\.\n$/);
    expect(out).not.toContain(CANARY);
  });
});
