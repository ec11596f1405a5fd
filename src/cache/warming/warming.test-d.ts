import { expectTypeOf, it } from 'vitest';
import { defineKey, type KeyParameters, LoaderFor, type LoaderMisfit, WarmUp } from '../../index.js';

const Stats = defineKey('agent:{agentId}:stats:{timeframe}');
type Parameters = KeyParameters<'agent:{agentId}:stats:{timeframe}'>;

it('a loader takes the parameters of its template, or fewer of them', () => {
  class Loaders {
    @LoaderFor(Stats)
    stats({ agentId, timeframe }: Parameters): string {
      return `${agentId} ${timeframe}`;
    }

    @LoaderFor(Stats)
    any(): number {
      return 1;
    }

    // @ts-expect-error -- no template of this parameter
    @LoaderFor(Stats)
    other({ userId }: { readonly userId: string }): string {
      return userId;
    }
  }
  expectTypeOf<Loaders>().toHaveProperty('stats');
  expectTypeOf<LoaderMisfit>().toHaveProperty('mistake');
});

it('a plan names keys of its template', () => {
  WarmUp({ template: Stats, keys: [{ agentId: 1, timeframe: '7d' }] });
  // @ts-expect-error -- a timeframe there is none of
  WarmUp({ template: Stats, keys: [{ agentId: 1, timeframe: '8d' }] });
});
