import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../support/redis-server.js';
import { CACHED, EMPTY, JEST, linesAdded } from './applications.js';
import { EVERY_COMPILER, type NestVersion, NESTS, Project } from './project.js';
import { expectSame, useInAllWays } from './three-uses.js';

/*
 * The package as its users get it: packed, installed into applications that have nothing of this repository, compiled by
 * each compiler it is for, started, used, ended. Then the contract by jest, and the way of a new user, timed. Needs the
 * registry and a build.
 */
const LIMIT_LINES = 25;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  say(`  ${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** All three uses, with each compiler. */
async function threeUses(project: Project, { name }: NestVersion): Promise<void> {
  for (const compiler of EVERY_COMPILER)
    await timed(`${name}, ${compiler}: compiled, started, used, ended`, () => useInAllWays(project, compiler));
}

/** The contract of the cache, by the one test runner that this repository does not have. */
async function contractByJest(tarball: string, version: NestVersion): Promise<void> {
  const project = new Project();
  const redis = await RedisServer.start();
  try {
    await project.begin(version, [], { jest: '^30.0.0' });
    await project.add(tarball);
    project.write(JEST);
    const args = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
    const printed = await timed('the contract, by jest', () => project.node(args, { REDIS_URL: redis.url }));
    if (!/^Tests: +14 passed, 14 total$/m.test(printed)) throw new Error(printed);
  } finally {
    await redis.stop();
    project.remove();
  }
}

/** From an application without a cache to a cached and invalidated endpoint. */
async function newcomer(tarball: string, version: NestVersion): Promise<void> {
  const project = new Project();
  try {
    await project.begin(version);
    project.write(EMPTY);
    await project.compile('ts6');
    expectSame('without a cache', await project.start('main.js'), NOT_CACHED);
    const start = performance.now();
    await timed('npm install of the package', () => project.add(tarball));
    project.write(CACHED);
    await timed('compiling', () => project.compile('ts6'));
    const printed = await timed('starting, asking, ending', () => project.start('main.js'));
    expectSame('with a cache', printed.replace(/ttl=\d+/, 'ttl=…'), IS_CACHED);
    const lines = linesAdded(EMPTY, CACHED);
    say(
      `a new user, ${version.name}: ${lines} lines added, ${((performance.now() - start) / 1000).toFixed(1)} s for the machine`,
    );
    if (lines > LIMIT_LINES) throw new Error(`more than ${LIMIT_LINES} lines`);
  } finally {
    project.remove();
  }
}

const NOT_CACHED = [0, 0, 1].map((runs) => `{"id":"456","runs":${runs}} not cached`).join('\n');
const IS_CACHED = [
  '{"id":"456","runs":0} shadower; fwd=miss; stored',
  '{"id":"456","runs":0} shadower; hit; ttl=…; detail=l1',
  '{"id":"456","runs":1} shadower; fwd=miss; stored',
].join('\n');

const folder = mkdtempSync(join(tmpdir(), 'packed-'));
try {
  const tarball = await Project.pack(folder);
  for (const version of NESTS) {
    const project = new Project();
    try {
      await project.begin(version);
      await project.add(tarball);
      await threeUses(project, version);
    } finally {
      project.remove();
    }
  }
  await contractByJest(tarball, NESTS[1] as NestVersion);
  await newcomer(tarball, NESTS[1] as NestVersion);
  say('The package works as its users get it.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
