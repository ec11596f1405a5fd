import { describe, it } from 'vitest';
import { defineKey } from '../../keys/template.js';
import type { Timeframe } from '../../keys/timeframes.js';
import { UserChanged } from '../domain-events.js';
import { CacheEvict } from './cache-evict.decorator.js';
import { Cacheable, CachePut } from './cacheable.decorator.js';
import { InvalidateOn } from './invalidate-on.decorator.js';

const Stats = defineKey('agent:{agentId}:stats:{timeframe}');
const Profile = defineKey('user:{userId}:profile');
const Top = defineKey('agents:top');

/** Declared and never made: the compiler is the test. */
function seen(..._classes: unknown[]): void {
  // nothing
}

describe('Cacheable', () => {
  it('takes a key of the arguments, by their names or by a function', () => {
    class Right {
      readonly tenant = 't';

      @Cacheable(Stats, { key: ['agentId', 'timeframe'] })
      async byName(agentId: string, timeframe: Timeframe, _verbose?: boolean): Promise<number> {
        return Promise.resolve(agentId.length + timeframe.length);
      }

      @Cacheable(Stats, { key: (agentId: string) => ({ agentId, timeframe: '7d' as const }), ttl: 60, grace: 5 })
      async byFunction(agentId: string, _verbose: boolean): Promise<number> {
        return Promise.resolve(agentId.length);
      }

      @CachePut(Profile, {
        key(this: Right, user: { id: string }) {
          return { userId: `${this.tenant}.${user.id}` };
        },
      })
      async byInstance(user: { id: string; name: string }): Promise<{ name: string }> {
        return Promise.resolve(user);
      }

      @Cacheable(Top)
      async withoutParameters(): Promise<number> {
        return Promise.resolve(1);
      }
    }
    seen(Right);
  });

  it('refuses a key builder that does not take the arguments of the method', () => {
    class Wrong {
      // @ts-expect-error -- the builder wants a number, the method gets a string
      @Cacheable(Profile, { key: (id: number) => ({ userId: id }) })
      async argument(id: string): Promise<string> {
        return Promise.resolve(id);
      }

      // @ts-expect-error -- the builder wants two arguments, the method gets one
      @Cacheable(Profile, { key: (id: string, other: string) => ({ userId: id + other }) })
      async count(id: string): Promise<string> {
        return Promise.resolve(id);
      }

      // @ts-expect-error -- the builder is for instances of another class
      @Cacheable(Profile, {
        key(this: { tenant: string }) {
          return { userId: this.tenant };
        },
      })
      async instance(): Promise<string> {
        return Promise.resolve('');
      }
    }
    seen(Wrong);
  });

  it('refuses a key that does not fill in the template', () => {
    // @ts-expect-error -- timeframe is missing
    Cacheable(Stats, { key: (agentId: string) => ({ agentId }) });
    // @ts-expect-error -- 2h is no timeframe
    Cacheable(Stats, { key: (agentId: string) => ({ agentId, timeframe: '2h' }) });
    // @ts-expect-error -- no such parameter
    Cacheable(Stats, { key: ['agentID', 'timeframe'] });
    // @ts-expect-error -- the template has parameters
    Cacheable(Stats);
    // @ts-expect-error -- the template has parameters
    Cacheable(Stats, { ttl: 5 });

    class Wrong {
      // @ts-expect-error -- no argument supplies timeframe
      @Cacheable(Stats, { key: ['agentId'] })
      async missing(agentId: string): Promise<string> {
        return Promise.resolve(agentId);
      }

      // @ts-expect-error -- the second argument may be no timeframe
      @Cacheable(Stats, { key: ['agentId', 'timeframe'] })
      async mistyped(agentId: string, timeframe: string): Promise<string> {
        return Promise.resolve(agentId + timeframe);
      }
    }
    seen(Wrong);
  });

  it('refuses a method that is not asynchronous, for it would become so', () => {
    class Wrong {
      // @ts-expect-error -- number is no promise
      @Cacheable(Profile, { key: ['userId'] })
      now(id: string): number {
        return id.length;
      }

      // @ts-expect-error -- nor is it here
      @CacheEvict({ tags: ['a'] })
      evict(): void {
        // nothing
      }
    }
    seen(Wrong);
  });
});

describe('CacheEvict', () => {
  it('takes what is invalidated as it is, or as a function of the arguments', () => {
    class Right {
      @CacheEvict({ tags: (id: string) => [`user:${id}`], key: Top({}), pattern: 'user:1:*' })
      async rename(id: string, _name: string): Promise<string> {
        return Promise.resolve(id);
      }
    }
    class Wrong {
      // @ts-expect-error -- the function wants a number
      @CacheEvict({ tags: (id: number) => [`user:${id}`] })
      async rename(id: string): Promise<string> {
        return Promise.resolve(id);
      }
    }
    seen(Right, Wrong);
  });
});

describe('InvalidateOn', () => {
  it('knows the payload from the class of the event', () => {
    InvalidateOn(UserChanged, { key: ({ id }) => Profile({ userId: id }) });
    InvalidateOn('order.paid', { tags: (order: { userId: string }) => [`user:${order.userId}`] });
    // @ts-expect-error -- a user.changed has no userId
    InvalidateOn(UserChanged, { tags: ({ userId }) => [userId as string] });
  });
});
