import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisServer } from '../support/redis-server.js';
import { type Document, documents } from './documents.js';
import { CompiledSamples, samplesOf } from './samples.js';

const ALL = documents().filter((document) => samplesOf(document).length > 0);
const RUNNABLE = ALL.flatMap(samplesOf).filter(({ runs }) => runs);

function page(...lines: string[]): Document {
  return { path: 'docs/planted.md', text: ['# Planted', '', ...lines].join('\n') };
}

describe('the samples of the documents', { timeout: 120_000 }, () => {
  let compiled: CompiledSamples;
  beforeAll(async () => {
    compiled = await CompiledSamples.of(ALL);
  }, 120_000);
  afterAll(() => compiled.remove());

  it('are those of the README and of the pages that have some', () => {
    expect(ALL.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['README.md', 'docs/keys.md', 'docs/reading.md']),
    );
    expect(RUNNABLE.length).toBeGreaterThanOrEqual(4);
  });

  it('have no type error', () => {
    expect(compiled.problems).toEqual([]);
  });

  it.each(RUNNABLE.map((sample) => [sample.place, sample] as const))(
    '%s prints what it says',
    async (_place, sample) => {
      const needsRedis = sample.code.includes("process.env['REDIS_URL']");
      const redis = needsRedis ? await RedisServer.start() : undefined;
      try {
        const execution = await compiled.execute(sample, { PORT: '0', REDIS_URL: redis?.url ?? '' });
        expect(execution.errors).toBe('');
        expect(execution.printed).toEqual(sample.prints);
        expect(execution.code).toBe(0);
      } finally {
        await redis?.stop();
      }
    },
  );
});

describe('a planted sample', { timeout: 120_000 }, () => {
  const BROKEN = page(
    '```ts',
    "import { defineKey } from '@shadower/nestjs-cache';",
    '',
    "console.log(defineKey('agent:{agentId}')({ agent: '456' }));",
    '```',
    '',
    '```ts run',
    "console.log('one'); // → two",
    '```',
    '',
    '```ts run continues',
    "throw new Error('three');",
    '```',
    '',
    '```ts',
    "import { nothing } from '@shadower/nestjs-cache';",
    'nothing();',
    '```',
  );
  let compiled: CompiledSamples;
  beforeAll(async () => {
    compiled = await CompiledSamples.of([BROKEN]);
  }, 120_000);
  afterAll(() => compiled.remove());

  it('with a wrong parameter or import is named with its line in the document', () => {
    expect(compiled.problems).toHaveLength(2);
    expect(compiled.problems[0]).toMatch(/^docs\/planted\.md:6: error TS2561: .*'agent'/);
    expect(compiled.problems[1]).toMatch(/^docs\/planted\.md:18: error TS\d+: .*'nothing'/);
  });

  it('that prints something else, or fails, is seen', async () => {
    const [, sample] = compiled.samples;
    expect(sample?.prints).toEqual(['two']);
    const execution = await compiled.execute(sample as never, {});
    expect(execution.printed).toEqual(['one']);
    expect(execution.errors).toContain('Error: three');
    expect(execution.code).toBe(1);
  });

  it('that nobody would check is refused', () => {
    expect(() => samplesOf(page('```typescript', '```'))).toThrow('docs/planted.md:4: ```typescript is not checked');
    expect(() => samplesOf(page('```ts runs', '```'))).toThrow('not checked');
    expect(() => samplesOf(page('```ts continues', '```'))).toThrow('nothing to continue');
    expect(() => samplesOf(page('```ts', 'x();'))).toThrow('not closed');
  });
});
