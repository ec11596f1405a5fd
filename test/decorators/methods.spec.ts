import { Controller, Get, Inject, Injectable, Logger, Param, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import request from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  Cacheable,
  CacheEvict,
  CacheModule,
  CachePut,
  CacheService,
  defineKey,
  InvalidationService,
  InvalidKeyError,
  InvalidOptionError,
  MethodNotBoundError,
  type Timeframe,
} from '../../src/index.js';
import { gate } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { Applications } from './applications.js';

const Stats = defineKey('agent:{agentId}:stats:{timeframe}');
const Below = defineKey('below:{id}');
const Profile = defineKey('user:{userId}:profile');

@Injectable()
class Agents {
  calls = 0;
  answer: unknown = { runs: 1 };
  before: () => unknown = () => undefined;

  @Cacheable(Stats, { key: ['agentId', 'timeframe'] })
  async stats(_agentId: string, _timeframe: Timeframe): Promise<unknown> {
    this.calls += 1;
    await this.before();
    return this.answer;
  }

  async week(agentId: string): Promise<unknown> {
    return this.stats(agentId, '7d');
  }

  @CacheEvict({ tags: (agentId: string) => [`agent:${agentId}`] })
  async rename(_agentId: string): Promise<string> {
    await this.before();
    return 'renamed';
  }
}

const TIERS = ['memory only', 'Redis'] as const;

describe.each(TIERS)('methods with decorators, %s', (tier) => {
  let server: RedisServer | undefined;
  let applications: Applications;
  beforeAll(async () => {
    server = tier === 'Redis' ? await RedisServer.start() : undefined;
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    await applications.close();
  });

  let prefixes = 0;
  /** A prefix of its own: nothing of the last test is met. */
  const fresh = (): Applications => {
    prefixes += 1;
    applications = new Applications({
      prefix: `methods${prefixes}`,
      ...(server && { redis: { url: server.url, failFast: true } }),
    });
    return applications;
  };

  describe('Cacheable', () => {
    it('runs the method once for one key, and for another again', async () => {
      const agents = await fresh().provider(Agents);

      expect(await agents.stats('1', '7d')).toEqual({ runs: 1 });
      expect(await agents.stats('1', '7d')).toEqual({ runs: 1 });
      expect(agents.calls).toBe(1);
      await agents.stats('1', '30d');
      await agents.stats('2', '7d');
      expect(agents.calls).toBe(3);
    });

    it('counts calls through this', async () => {
      const agents = await fresh().provider(Agents);
      await Promise.all([agents.week('1'), agents.week('1'), agents.stats('1', '7d')]);

      expect(agents.calls).toBe(1);
    });

    it('caches null, and neither undefined nor errors', async () => {
      const agents = await fresh().provider(Agents);
      agents.answer = undefined;
      expect([await agents.stats('1', '7d'), await agents.stats('1', '7d'), agents.calls]).toEqual([
        undefined,
        undefined,
        2,
      ]);
      agents.answer = null;
      expect([await agents.stats('1', '7d'), await agents.stats('1', '7d'), agents.calls]).toEqual([null, null, 3]);
      agents.before = () => Promise.reject(new Error('database'));
      await expect(agents.stats('2', '7d')).rejects.toThrow('database');
      await expect(agents.stats('2', '7d')).rejects.toThrow('database');
      expect(agents.calls).toBe(5);
    });

    it('refuses an argument outside the alphabet of keys, as a rejection, and does not run the method', async () => {
      const agents = await fresh().provider(Agents);

      await expect(agents.stats('1:stats:7d', '7d')).rejects.toThrow(InvalidKeyError);
      await expect(agents.stats('*', '7d')).rejects.toThrow(InvalidKeyError);
      await expect(agents.stats('1', '2h' as Timeframe)).rejects.toThrow(InvalidOptionError);
      expect(agents.calls).toBe(0);
    });

    it('leaves nothing stale behind when the entity changes during the load', async () => {
      const app = await fresh().start({ providers: [Agents] });
      const agents = app.get(Agents);
      const [begun, end] = [gate(), gate()];
      agents.before = () => {
        begun.open();
        return end.opened;
      };
      const first = agents.stats('1', '7d');
      await begun.opened;
      await app.get(InvalidationService).agent('1');
      end.open();
      await first;
      agents.answer = { runs: 2 };

      expect(await agents.stats('1', '7d')).toEqual({ runs: 2 });
    });
  });

  describe('CacheEvict', () => {
    it('invalidates after success, before the caller goes on', async () => {
      const agents = await fresh().provider(Agents);
      await agents.stats('1', '7d');
      await agents.stats('2', '7d');

      expect(await agents.rename('1')).toBe('renamed');
      await agents.stats('1', '7d');
      await agents.stats('2', '7d');
      expect(agents.calls).toBe(3);
    });

    it('invalidates nothing when the method fails, and says so to the caller', async () => {
      const agents = await fresh().provider(Agents);
      await agents.stats('1', '7d');
      agents.before = () => Promise.reject(new Error('not committed'));

      await expect(agents.rename('1')).rejects.toThrow('not committed');
      await agents.stats('1', '7d');
      expect(agents.calls).toBe(1);
    });

    it('takes keys and patterns', async () => {
      @Injectable()
      class Users {
        @CacheEvict({ key: (id: string) => [Profile({ userId: id }), 'user:all'], pattern: 'team:*' })
        async remove(id: string): Promise<string> {
          return Promise.resolve(id);
        }
      }
      const app = await fresh().start({ providers: [Users] });
      const cache = app.get(CacheService);
      const keys = ['user:1:profile', 'user:all', 'team:7:list', 'user:2:profile'];
      await cache.setMany(keys.map((key) => [key, 1]));
      await app.get(Users).remove('1');

      expect(await cache.getMany(keys)).toEqual([null, null, null, 1]);
    });

    it('refuses a wrong argument before the method runs', async () => {
      const written: string[] = [];
      @Injectable()
      class Users {
        @CacheEvict({ key: (id: string) => Profile({ userId: id }) })
        async remove(id: string): Promise<number> {
          return Promise.resolve(written.push(id));
        }
      }
      const users = await fresh().provider(Users);

      await expect(users.remove('a:b')).rejects.toThrow(InvalidKeyError);
      expect(written).toEqual([]);
    });

    it('stands in the history with the name of the method', async () => {
      if (tier !== 'Redis') return;
      const app = await fresh().start({ providers: [Agents] });
      await app.get(Agents).rename('1');

      expect(await app.get(InvalidationService).history({ tag: 'agent:1' })).toMatchObject([
        { cause: 'Agents.rename' },
      ]);
    });
  });

  describe('CachePut', () => {
    @Injectable()
    class Users {
      loads = 0;

      @Cacheable(Profile, { key: ['userId'] })
      async profile(id: string): Promise<unknown> {
        this.loads += 1;
        return Promise.resolve({ id });
      }

      @CachePut(Profile, { key: ['userId'] })
      async update(_id: string, value: unknown): Promise<unknown> {
        return Promise.resolve(value);
      }
    }

    it('runs the method each time and caches what it returned', async () => {
      const users = await fresh().provider(Users);
      expect(await users.update('1', { id: 'new' })).toEqual({ id: 'new' });

      expect(await users.profile('1')).toEqual({ id: 'new' });
      expect(users.loads).toBe(0);
    });

    it.each([
      ['undefined', undefined],
      ['a BigInt', 1n],
      ['a function', () => 1],
    ])('removes the entry when the method returns what has no JSON: %s', async (_name, value) => {
      const users = await fresh().provider(Users);
      await users.update('1', { id: 'old' });

      expect(await users.update('1', value)).toBe(value);
      expect(await users.profile('1')).toEqual({ id: '1' });
    });
  });

  it('gives the instances of a request-scoped class one cache, and its key the instance', async () => {
    let loads = 0;
    @Injectable({ scope: Scope.REQUEST })
    class Tenanted {
      constructor(@Inject(REQUEST) readonly request: { headers: Record<string, string> }) {}

      @Cacheable(Profile, {
        key(this: Tenanted, id: string) {
          return { userId: `${String(this.request.headers['x-tenant'])}.${id}` };
        },
      })
      async profile(_id: string): Promise<{ tenant: unknown; load: number }> {
        loads += 1;
        return Promise.resolve({ tenant: this.request.headers['x-tenant'], load: loads });
      }
    }
    @Controller()
    class Profiles {
      constructor(readonly tenanted: Tenanted) {}

      @Get('profiles/:id')
      get(@Param('id') id: string): Promise<unknown> {
        return this.tenanted.profile(id);
      }
    }
    const app = await fresh().start({ controllers: [Profiles], providers: [Tenanted] });
    const get = async (tenant: string): Promise<unknown> =>
      (
        await request(app.getHttpServer() as never)
          .get('/profiles/1')
          .set('x-tenant', tenant)
      ).body;

    expect(await get('a')).toEqual({ tenant: 'a', load: 1 });
    expect(await get('b')).toEqual({ tenant: 'b', load: 2 });
    expect(await get('a')).toEqual({ tenant: 'a', load: 1 });
  });
});

describe('decorated methods', () => {
  const applications = new Applications();
  afterEach(() => applications.close());

  it('are inherited, and decorated anew where they are overridden', async () => {
    let loads = 0;
    class Base {
      @Cacheable(Profile, { key: ['userId'] })
      async profile(id: string): Promise<string> {
        loads += 1;
        return Promise.resolve(`base ${id}`);
      }
    }
    @Injectable()
    class Inherits extends Base {}
    @Injectable()
    class Overrides extends Base {
      override async profile(id: string): Promise<string> {
        return `${await super.profile(id)} and more`;
      }
    }
    const app = await applications.start({ providers: [Inherits, Overrides] });

    expect([await app.get(Inherits).profile('1'), await app.get(Inherits).profile('1'), loads]).toEqual([
      'base 1',
      'base 1',
      1,
    ]);
    // It is not decorated itself, and what it gets from super is cached under the same key.
    expect(await app.get(Overrides).profile('1')).toBe('base 1 and more');
    expect(loads).toBe(1);
  });

  it('of a template that another class reads, too, are warned of at start-up', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    @Injectable()
    class More extends Agents {}
    await applications.start({ providers: [Agents, More] });

    expect(warn.mock.calls.map(([line]) => String(line))).toContainEqual(
      expect.stringContaining(
        'Agents.stats and More.stats cache under one template, agent:{agentId}:stats:{timeframe}',
      ),
    );
  });

  it('may call super for the key that they are loading', async () => {
    class Base {
      @Cacheable(Profile, { key: ['userId'] })
      async profile(id: string): Promise<string> {
        return Promise.resolve(`base ${id}`);
      }
    }
    @Injectable()
    class Overrides extends Base {
      @Cacheable(Profile, { key: ['userId'] })
      override async profile(id: string): Promise<string> {
        return `${await super.profile(id)} and more`;
      }
    }
    const overrides = await applications.provider(Overrides);

    expect(await overrides.profile('1')).toBe('base 1 and more');
    expect(await overrides.profile('1')).toBe('base 1 and more');
  });

  it('belong to the application that made their object', async () => {
    const [one, two] = [await applications.provider(Agents), await applications.provider(Agents)];
    two.answer = { runs: 2 };
    await one.stats('1', '7d');

    expect(await two.stats('1', '7d')).toEqual({ runs: 2 });
  });

  it('work on objects that a factory made, and on none that nobody provides', async () => {
    const made = new Agents();
    await applications.start({ providers: [{ provide: Agents, useFactory: () => made }] });
    await made.stats('1', '7d');
    await made.stats('1', '7d');

    expect(made.calls).toBe(1);
    await expect(new Agents().stats('1', '7d')).rejects.toThrow(MethodNotBoundError);
    await expect(new Agents().stats('1', '7d')).rejects.toThrow(
      'Agents.stats was called on an object that has no cache',
    );
  });

  it('of an object that outlives an application belong to the next one that provides it', async () => {
    const shared = new Agents();
    const first = await applications.start({ providers: [{ provide: 'shared', useValue: shared }] });
    await shared.stats('1', '7d');
    await first.close();
    await applications.start({ providers: [{ provide: 'shared', useValue: shared }] });
    await shared.stats('1', '7d');

    expect(shared.calls).toBe(2);
  });

  it('keep what Nest knows of them, in either order of decorators', async () => {
    @Controller()
    class Routes {
      calls = 0;

      @Get('above/:id')
      @Cacheable(Profile, { key: ['userId'] })
      async above(@Param('id') id: string): Promise<string> {
        this.calls += 1;
        return Promise.resolve(`above ${id}`);
      }

      @Cacheable(Below, { key: ['id'] })
      @Get('below/:id')
      async below(@Param('id') id: string): Promise<string> {
        this.calls += 1;
        return Promise.resolve(`below ${id}`);
      }
    }
    const app = await applications.start({ controllers: [Routes] });
    const get = async (path: string): Promise<string> => (await request(app.getHttpServer() as never).get(path)).text;

    expect([await get('/above/1'), await get('/above/1')]).toEqual(['above 1', 'above 1']);
    expect([await get('/below/1'), await get('/below/1')]).toEqual(['below 1', 'below 1']);
    expect(app.get(Routes).calls).toBe(2);
    expect([Routes.prototype.above.name, Routes.prototype.above.length]).toEqual(['above', 1]);
  });

  describe('are refused at start-up', () => {
    it('when a parameter of the template is not supplied', () => {
      const decorate = (key: unknown) => (): void => {
        Cacheable(Stats, { key } as never)(Agents.prototype as never, 'week', { value: () => 1 } as never);
      };

      expect(decorate(['agentId'])).toThrow(InvalidOptionError);
      expect(decorate(undefined)).toThrow(
        'key of Agents.week must be given for each parameter of agent:{agentId}:stats:{timeframe} (agentId, timeframe); received "none"',
      );
      expect(decorate(['agentId', 'agentId'])).toThrow(InvalidOptionError);
      expect(decorate(['agentId', 'timeframe', 'more'])).toThrow(InvalidOptionError);
    });

    it('when they are no methods of instances', () => {
      expect(() => {
        Cacheable(Profile, { key: ['userId'] })(Agents as never, 'profile', { value: () => 1 } as never);
      }).toThrow('neither static nor an accessor');
    });

    it('when nothing is named to invalidate', () => {
      expect(() => {
        CacheEvict({})(Agents.prototype, 'week', { value: () => 1 } as never);
      }).toThrow('what Agents.week invalidates must be named by tags, key or pattern');
    });

    it.each([
      ['source', { source: 'nowhere' }, 'source must be one of the module'],
      ['TTL', { ttl: 0 }, 'ttl of Wrong.profile must be'],
      ['tag', { tags: ['a b'] }, 'a tag of Wrong.profile must be'],
      ['grace', { grace: -1 }, 'grace of Wrong.profile must be'],
    ])('when the module does not allow their %s', async (_name, options, says) => {
      @Injectable()
      class Wrong {
        @Cacheable(Profile, { key: ['userId'], ...options })
        async profile(id: string): Promise<string> {
          return Promise.resolve(id);
        }
      }

      await expect(applications.start({ providers: [Wrong] })).rejects.toThrow(says);
    });

    it('when their module has no cache', async () => {
      const { Test } = await import('@nestjs/testing');
      const module = Test.createTestingModule({ providers: [Agents] }).setLogger(false as never);

      await expect(module.compile()).rejects.toThrow(/Agents.*shadower:method-cache/s);
      const local = Test.createTestingModule({
        imports: [CacheModule.forRoot({ isGlobal: false })],
        providers: [Agents],
      });
      const app = await local.setLogger(false as never).compile();
      await app.init();
      await app.get(Agents).week('1');
      await app.close();
    });
  });
});
