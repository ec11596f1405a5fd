import { describe, expectTypeOf, it } from 'vitest';
import type { CacheKey } from './key.js';
import { defineKey, type KeyParameters } from './template.js';
import type { Timeframe } from './timeframes.js';

describe('defineKey', () => {
  it('types the parameters from the template', () => {
    type Stats = KeyParameters<'agent:{agentId}:stats:{timeframe}'>;

    expectTypeOf<Stats>().toEqualTypeOf<{ readonly agentId: string | number; readonly timeframe: Timeframe }>();
    expectTypeOf(defineKey('agent:{agentId}:stats:{timeframe}')).parameter(0).toEqualTypeOf<Stats>();
    expectTypeOf(defineKey('agent:{agentId}')).returns.toEqualTypeOf<CacheKey>();
  });

  it('refuses missing, misspelt and mistyped parameters', () => {
    const Stats = defineKey('agent:{agentId}:stats:{timeframe}');
    // @ts-expect-error -- agentId is missing
    expectTypeOf(Stats).toBeCallableWith({ timeframe: '7d' });
    // @ts-expect-error -- agentID is misspelt
    expectTypeOf(Stats).toBeCallableWith({ agentID: '1', timeframe: '7d' });
    // @ts-expect-error -- 2h is no timeframe
    expectTypeOf(Stats).toBeCallableWith({ agentId: '1', timeframe: '2h' });
  });

  it('gives the parameters to the tags', () => {
    defineKey('report:{id}', {
      tags: (parameters) => {
        expectTypeOf(parameters).toEqualTypeOf<{ readonly id: string | number }>();
        return [];
      },
    });
  });

  it('takes none for a template without parameters', () => {
    expectTypeOf(defineKey('a:b')).toBeCallableWith({});
  });
});
