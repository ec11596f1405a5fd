import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, Sandbox } from '../guards/sandbox.js';
import { RedisServer } from '../support/redis-server.js';
import { documentAt, fencesOf } from './documents.js';

/* The samples of docs/testing.md are tests: they are run as their reader would run them. */

const SAMPLES = fencesOf(documentAt('docs/testing.md')).filter(({ info }) => info === 'ts');
const CONFIG = `import { fileURLToPath } from 'node:url';
const source = (path) => fileURLToPath(new URL(path, import.meta.url));
export default {
  resolve: {
    alias: {
      '@shadower/nestjs-cache/testing': source('src/testing/entry.ts'),
      '@shadower/nestjs-cache': source('src/index.ts'),
    },
  },
  test: { include: ['test/*.spec.ts'], setupFiles: ['reflect-metadata'], reporters: ['json'], testTimeout: 20_000 },
};
`;

interface Report {
  readonly testResults: readonly {
    /** Why the file could not be run; empty where it could. */
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

describe('the samples of docs/testing.md', { timeout: 120_000 }, () => {
  let redis: RedisServer;
  let box: Sandbox;
  beforeAll(async () => {
    redis = await RedisServer.start();
    const files = SAMPLES.map(({ lines }, i) => [`test/${i}.spec.ts`, lines.join('\n')] as const);
    box = new Sandbox(['src', 'tsconfig.json'], { 'vitest.config.js': CONFIG, ...Object.fromEntries(files) });
  });
  afterAll(async () => {
    await redis.stop();
    await box.remove();
  });

  it('pass', async () => {
    const { stdout, output } = await run(box.directory, 'node_modules/.bin/vitest', ['run'], { REDIS_URL: redis.url });
    expect(stdout, output).toMatch(/^\{/);
    const report = JSON.parse(stdout) as Report;
    expect(report.testResults.map(({ message }) => message).filter((message) => message !== '')).toEqual([]);
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    expect(tests.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(tests.map(({ title }) => title)).toEqual(
      expect.arrayContaining([
        'asks the database once an hour',
        'answers from the source while Redis is away',
        'goes on through a partition, and comes back',
        'by a tag reach every key that carries it',
      ]),
    );
    expect(report.testResults).toHaveLength(SAMPLES.length);
  });
});
