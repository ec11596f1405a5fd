import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS, SUBJECTS } from '../../src/cli/commands.js';
import { CHECKS } from '../../src/cli/doctor/checks.js';
import { ENTITIES } from '../../src/index.js';
import { documentAt, tableBelow } from '../docs/documents.js';
import { inSandbox } from '../guards/sandbox.js';
import type { RedisServer } from '../support/redis-server.js';
import { diagnose, found, run } from './doctor-run.js';
import { CANARY, variablesOf, Ward } from './servers.js';

const NOWHERE = { REDIS_URL: `redis://app:${CANARY}@127.0.0.1:1/0` };

describe('the command line', () => {
  it('invalidates by each entity that there is', () => {
    expect(SUBJECTS).toEqual([...ENTITIES, 'tag', 'key', 'pattern', 'all']);
  });

  it.each([[[]], [['--help']], [['-h']]])('explains itself: %j', async (args) => {
    const { code, out, err } = await run(args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Usage: shadower-cache COMMAND/);
    for (const { name, summary } of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'explains %s, with its options and examples',
    async (name, { options, examples }) => {
      const { code, out, err } = await run([name, '--help']);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(new RegExp(`^Usage: shadower-cache ${name} `));
      for (const option of Object.keys(options)) expect(out).toContain(`  --${option}`);
      for (const example of examples) expect(out).toContain(example);
      expect(out).toContain('Exit code: 0 done, 1 ');
    },
  );

  it.each([
    [['patient'], 'Unknown command "patient"; there are stats, top, keys, '],
    [['--json', 'keys'], 'The command comes first; received "--json".'],
    [['keys', 'user:*', 'agent:*'], 'Unexpected argument "agent:*".'],
    [['keys', '--limit', '0'], '--limit must be a whole number from 1 to 1000000; received "0".'],
    [['keys', '--limit', '1e3'], '--limit must be a whole number from 1 to 1000000; received "1e3".'],
    [['keys', '--template', '{'], 'of a template must be'],
    [['top', '--by', 'hits'], '--by must be bytes, tags, load, template; received "hits".'],
    [['stats', '--metrics-url', 'localhost'], '--metrics-url must be http://host:port/path or https://…'],
    [['explain'], 'explain needs KEY.'],
    [['invalidate'], 'invalidate needs metric|user|'],
    [['invalidate', 'users', '1'], 'invalidate takes metric, user, '],
    [['invalidate', 'user'], 'invalidate user takes one name; received 0.'],
    [['invalidate', 'user', '1', '2'], 'invalidate user takes one name; received 2.'],
    [['invalidate', 'tag'], 'invalidate tag takes one name or more; received 0.'],
    [['invalidate', 'all', 'entries', '--yes'], 'invalidate all takes no name; received 1.'],
    [['invalidate', 'all'], 'invalidate all takes every entry: say --yes'],
    [['history', '--since', 'yesterday'], '--since must be 30s, 5m, 2h, 7d, or an instant'],
    [['completion', 'powershell'], 'completion knows bash, zsh, fish; received "powershell".'],
    [['doctor', 'now'], 'Unexpected argument "now".'],
    [['doctor', '--colour'], "Unknown option '--colour'"],
    [['doctor', '--url'], "Option '--url <value>' argument missing"],
    [['doctor', '--metrics-url', 'localhost'], '--metrics-url must be http://host:port/path or https://…'],
    [['doctor', '--env-file', 'lost.env'], 'The file of variables "lost.env" cannot be read.'],
  ])('%j is refused with exit code 2', async (args, message) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain('Usage: ');
  });

  it.each([
    [[`redis://:${CANARY}@h`]],
    [['doctor', `redis://:${CANARY}@h`]],
    [['doctor', `--uri=redis://:${CANARY}@h`]],
  ])('a URL in the wrong place is not quoted', async (args) => {
    const { code, err } = await run(args);
    expect(code).toBe(2);
    expect(err).not.toContain(CANARY);
  });
});

describe('the variables', () => {
  it('come from the file where the process has none, and --url goes before both', async () => {
    await inSandbox(
      [],
      { 'doctor.env': 'REDIS_URL=redis://file@127.0.0.1:1/0\nNODE_ENV=production\n' },
      async (box) => {
        const args = ['--env-file', `${box.directory}/doctor.env`];
        const target = async (variables: Record<string, string>, ...more: string[]): Promise<string | null> =>
          (await diagnose(variables, [...args, ...more])).report.target;
        expect(await target({})).toBe('redis://file@127.0.0.1:1/0');
        expect(await target({ REDIS_URL: 'redis://process@127.0.0.1:1/0' })).toBe('redis://process@127.0.0.1:1/0');
        expect(await target({}, '--url', `redis://said:${CANARY}@127.0.0.1:1/0`)).toBe('redis://said@127.0.0.1:1/0');
      },
    );
  });

  it('say whether the connection is encrypted', async () => {
    const tls = async (url: string): Promise<string> => found(await diagnose({ REDIS_URL: url }), 'settings.tls');
    expect(await tls('redis://localhost:1')).toBe('pass: redis:// to this machine');
    expect(await tls('rediss://cache.invalid:1')).toBe('pass: rediss://');
    expect(await tls('redis://cache.invalid:1')).toMatch(/^warn: redis:\/\/ to another host/);
  });
});

describe('the report', () => {
  const ward = new Ward();
  let server: RedisServer;
  beforeAll(async () => {
    const own = new Ward();
    server = await own.hardened('--protected-mode', 'no');
    return () => own.close();
  });
  afterEach(() => ward.close());

  it('has a form that programs can rely upon', async () => {
    const { report } = await diagnose(variablesOf(server, 'operator'));
    expect(Object.keys(report)).toEqual(['version', 'target', 'verdict', 'counts', 'checks']);
    expect(report).toMatchObject({
      version: 1,
      target: `redis://operator@127.0.0.1:${server.port}/0`,
      verdict: 'warn',
    });
    const here = CHECKS.filter(({ needs }) => needs !== 'cluster');
    expect(report.checks.map(({ id }) => id)).toEqual(['connection.opens', ...here.map(({ id }) => id)]);
    expect(new Set(report.checks.map(({ id }) => id)).size).toBe(report.checks.length);
    for (const check of report.checks) {
      expect(Object.keys(check)).toEqual(['id', 'title', 'status', 'observed', 'remedy']);
      expect(check.id).toMatch(/^[a-z]+\.[a-z-]+$/);
      expect(check.observed).toMatch(/^[^\n]+$/);
      expect(check.remedy === null).toBe(check.status === 'pass');
    }
    const total = Object.values(report.counts).reduce((sum, count) => sum + count, 0);
    expect(total).toBe(report.checks.length);
  });

  it('is documented, each check', () => {
    const documented = tableBelow(documentAt('docs/doctor.md'), 'Checks').map(([id]) => id?.replaceAll('`', ''));
    expect(documented.toSorted()).toEqual(['connection.opens', ...CHECKS.map(({ id }) => id)].toSorted());
  });

  it('fails on warnings only when it is to be strict', async () => {
    expect((await diagnose(variablesOf(server, 'operator'))).code).toBe(0);
    expect((await diagnose(variablesOf(server, 'operator'), ['--strict'])).code).toBe(1);
  });

  it.each([
    ['on a terminal', true, {}, true],
    ['on a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['elsewhere', false, {}, false],
  ])('%s has colours: %s', async (_where, isTerminal, variables, coloured) => {
    const { out } = await run(['doctor'], { ...NOWHERE, ...variables }, { isTerminal });
    expect(out.includes('\u001b[31m✗')).toBe(coloured);
    expect(out.includes('\u001b[')).toBe(coloured);
  });

  it.each([
    ['for people', []],
    ['for machines', ['--json']],
  ])('%s shows no secret, whatever is wrong', async (_for, more) => {
    const right = variablesOf(server, 'app');
    const cases: Record<string, string>[] = [
      right,
      { ...right, REDIS_PASSWORD: `${CANARY}-wrong` },
      { REDIS_URL: `redis://app:${CANARY}@127.0.0.1:${server.port}/0` },
      NOWHERE,
      { REDIS_URL: `redis://app:${CANARY}#@127.0.0.1:${server.port}/0` },
      { REDIS_URL: `redis://:${CANARY}%@127.0.0.1:1` },
      { REDIS_URL: `app:${CANARY}@127.0.0.1` },
      { ...NOWHERE, REDIS_PASSWORD: CANARY, NODE_ENV: 'staging' },
      { ...right, REDIS_REPLICAS: `redis://:${CANARY}@127.0.0.1:1/x` },
      { REDIS_CLUSTER_NODES: `redis://app:${CANARY}@127.0.0.1:1,app:${CANARY}@127.0.0.1:2` },
      { REDIS_CLUSTER_NODES: `redis://app:${CANARY}@127.0.0.1:1/5` },
      { REDIS_SENTINELS: `redis://app:${CANARY}@127.0.0.1:1`, REDIS_SENTINEL_PASSWORD: CANARY },
      { ...NOWHERE, REDIS_SENTINELS: `redis://app:${CANARY}@127.0.0.1:1` },
    ];
    for (const variables of cases) {
      const { out, err } = await run(['doctor', ...more], variables);
      expect(out + err).not.toContain(CANARY);
      expect(out).not.toBe('');
    }
  });
});
