import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import MANIFEST from '../../package.json' with { type: 'json' };
import { type Outcome, run, runScript, Sandbox } from '../guards/sandbox.js';
import { startCache, type TestCache, until } from '../support/caches.js';
import { RedisCluster } from '../support/redis-cluster.js';
import type { RedisServer } from '../support/redis-server.js';
import { COMMANDS, SHELLS } from '../../src/cli/commands.js';
import { CANARY, variablesOf, Ward } from './servers.js';

const copy = new Sandbox(['package.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', 'src']);
const program = join(copy.directory, MANIFEST.bin['shadower-cache']);
const ward = new Ward();
let server: RedisServer;
let instance: TestCache;
let variables: Record<string, string>;
beforeAll(async () => {
  const { code, output } = await runScript(copy.directory, 'build');
  expect(code, output).toBe(0);
  server = await ward.open();
  variables = variablesOf(server, 'app');
  instance = await startCache({ redis: { url: `redis://app:${CANARY}@127.0.0.1:${server.port}/0` } });
  for (let i = 0; i < 3_000; i += 100)
    await instance.cache.setMany(Array.from({ length: 100 }, (_, n) => [`user:${i + n}:profile`, 1] as const));
}, 240_000);
afterAll(async () => {
  await instance.close();
  await ward.close();
  await copy.remove();
});

const command = (args: string[], env: Record<string, string> = variables): Promise<Outcome> =>
  run(copy.directory, process.execPath, [program, ...args], env);

/** What a shell makes of it; `shadower-cache` is the compiled program. */
const shell = (script: string): Promise<Outcome> =>
  run(copy.directory, 'bash', ['-c', `shadower-cache() { "$NODE" "$PROGRAM" "$@"; }\n${script}`], {
    ...variables,
    NODE: process.execPath,
    PROGRAM: program,
  });

describe('the compiled command', { timeout: 60_000 }, () => {
  it('explains itself without loading Nest or the cache', async () => {
    const bare = new Sandbox([]);
    // No package can be found from here, and the cache is not there.
    const folder = join(bare.directory, 'alone');
    cpSync(join(copy.directory, 'dist/cli'), join(folder, 'cli'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const env = { NODE_PATH: '' };
    for (const args of [[], ['--help'], ['keys', '--help'], ['completion', 'bash']]) {
      const { code, output } = await run('/', process.execPath, [join(folder, 'cli/main.js'), ...args], env);
      expect([code, output]).toEqual([0, expect.stringMatching(/^(Usage: |_shadower_cache)/)]);
    }
    await bare.remove();
  });

  it('invalidates what a running instance has in memory', async () => {
    expect(await instance.cache.get('user:1:profile')).toBe(1);
    const { code, stdout, output } = await command(['invalidate', 'user', '1', '--json']);
    expect(code, output).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, acknowledged: true, tags: ['user:1'] });
    await until(async () => (await instance.cache.get('user:1:profile')) === null, 2_000);
    const [told] = await instance.invalidation.history({ tag: 'user:1' });
    expect(told?.origin).toMatch(/^cli:[\w.-]+@[\w.-]+#/);
  });

  it('ends quietly when nobody reads on', async () => {
    const { code, output } = await shell('set -o pipefail; shadower-cache keys --limit 3000 | head -2');
    expect(output).toMatch(/^State .* Key\n\S+ .* user:\d+:profile\n(3000 keys, .*\n|2999 keys\.\n|)$/);
    expect(code, output).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('watches until %s, and ends cleanly', async (signal) => {
    const child = spawn(process.execPath, [program, 'watch', '--json'], { env: { ...process.env, ...variables } });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    await until(() => err.includes('Following'), 20_000);
    await instance.invalidation.agent('1', { cause: signal });
    await until(() => out.includes(signal), 5_000);
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([0, null]);
    const [record] = out.trimEnd().split('\n');
    expect(JSON.parse(record as string)).toMatchObject({ kind: 'tag', name: 'agent:1', cause: signal });
  });

  it('shows no password, whatever is wrong', async () => {
    const wrong = { ...variables, REDIS_PASSWORD: `${CANARY}-wrong` };
    const { code, output } = await command(['keys'], wrong);
    expect(code).toBe(1);
    expect(output).toContain('(authentication)');
    expect(output).not.toContain(CANARY);
    expect(await command(['keys', '--url', `redis://app:${CANARY}@127.0.0.1:1`])).toMatchObject({
      code: 1,
      output: expect.not.stringContaining(CANARY) as string,
    });
  });
});

describe('the completion', { timeout: 60_000 }, () => {
  it.each([
    [['ke'], 'keys'],
    [[''], [...COMMANDS.map(({ name }) => name), '--help'].join(' ')],
    [['top', '--b'], '--by'],
    [['top', '--by', ''], 'bytes tags load template'],
    [['invalidate', 'w'], 'workspace'],
    [['invalidate', 'user', '1', '--dr'], '--dry-run'],
    [['completion', ''], SHELLS.join(' ')],
  ])('of bash makes of %j', async (words, wanted) => {
    const list = words.map((word) => `'${word}'`).join(' ');
    const { output } = await shell(`eval "$(shadower-cache completion bash)"
      COMP_WORDS=(shadower-cache ${list}); COMP_CWORD=${words.length}; _shadower_cache; echo "\${COMPREPLY[*]}"`);
    expect(output).toBe(`${wanted}\n`);
  });

  it('of zsh and fish know every command and option', async () => {
    const zsh = await command(['completion', 'zsh']);
    const bash = await command(['completion', 'bash']);
    expect(zsh.stdout).toBe(
      `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash.stdout}`,
    );
    const fish = (await command(['completion', 'fish'])).stdout.split('\n');
    for (const { name, options } of COMMANDS) {
      expect(fish.some((line) => line.includes(`__fish_use_subcommand -a ${name} `))).toBe(true);
      for (const option of Object.keys(options))
        expect(fish.some((line) => line.includes(`_from ${name}' -l ${option} `))).toBe(true);
    }
  });
});

describe('on a Cluster', { timeout: 90_000 }, () => {
  let cluster: RedisCluster;
  let there: TestCache;
  let where: Record<string, string>;
  beforeAll(async () => {
    cluster = await RedisCluster.start({ replicasEach: 0 });
    where = { REDIS_CLUSTER_NODES: cluster.urls.join(','), CACHE_COMMAND_TIMEOUT_MS: '10000' };
    there = await startCache({ redis: { mode: 'cluster', nodes: cluster.urls, commandTimeoutMs: 10_000 } });
    for (let id = 0; id < 60; id += 1) await there.cache.set(`user:${id}:profile`, id);
  }, 60_000);
  afterAll(async () => {
    await there.close();
    await cluster.stop();
  });

  it('sees the keys of every primary, and invalidates across them', async () => {
    const keys = async (): Promise<number> =>
      (JSON.parse((await command(['keys', '--json'], where)).stdout) as { keys: unknown[] }).keys.length;
    expect(await keys()).toBe(60);
    const stats = JSON.parse((await command(['stats', '--json'], where)).stdout) as Record<string, unknown>;
    expect(stats).toMatchObject({ entries: { count: 60 }, generations: { count: 61 }, followers: 1 });
    expect(await there.cache.get('user:3:profile')).toBe(3);
    const { code, output } = await command(['invalidate', 'pattern', 'user:*', '--json'], where);
    expect(code, output).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ acknowledged: true, removed: 60 });
    expect(await keys()).toBe(0);
    await until(async () => (await there.cache.get('user:3:profile')) === null, 2_000);
  });
});
