import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  AgentChanged,
  CacheModule,
  type CacheModuleOptions,
  CacheService,
  defineRule,
  InvalidationService,
  MetricChanged,
  UserChanged,
  WorkspaceChanged,
} from '../../src/index.js';
import { gate, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { redisOfSuite } from '../support/suite-redis.js';

interface Started {
  readonly cache: CacheService;
  readonly emitter: EventEmitter2;
  readonly errors: string[];
}

const modules: TestingModule[] = [];

async function started(options: CacheModuleOptions = {}): Promise<Started> {
  const errors: string[] = [];
  vi.spyOn(Logger.prototype, 'error').mockImplementation((line: unknown) => void errors.push(String(line)));
  const imports = [CacheModule.forRoot(options), EventEmitterModule.forRoot()];
  const module = await Test.createTestingModule({ imports }).compile();
  modules.push(module);
  await module.init();
  return { cache: module.get(CacheService), emitter: module.get(EventEmitter2), errors };
}

describe('domain events', () => {
  afterEach(async () => {
    await Promise.all(modules.splice(0).map((module) => module.close()));
  });

  describe('a changed', () => {
    it.each([
      ['metric', MetricChanged, 'metric:1:user:9:7d'],
      ['user', UserChanged, 'metric:9:user:1:7d'],
      ['agent', AgentChanged, 'agent:1:stats:7d'],
      ['workspace', WorkspaceChanged, 'workspace:1:overview'],
    ])('%s makes the answers about it invalid, and no others', async (_, Changed, key) => {
      const { cache, emitter } = await started();
      const others = ['metric:2:user:2:7d', 'agent:2:stats:7d', 'workspace:2:overview', 'plain'];
      await cache.setMany([key, ...others].map((each) => [each, 1]));

      await emitter.emitAsync(Changed.event, new Changed('1'));

      expect(await cache.getMany([key, ...others])).toEqual([null, 1, 1, 1, 1]);
    });

    it('thing may be told as a plain object with a number as id', async () => {
      const { cache, emitter } = await started();
      await cache.set('user:7:profile', 1);

      await emitter.emitAsync('user.changed', { id: 7 });

      expect(await cache.get('user:7:profile')).toBeNull();
    });
  });

  describe('an occurrence that is told twice', () => {
    it('invalidates once', async () => {
      const { cache, emitter } = await started();
      await emitter.emitAsync('user.changed', new UserChanged('1', 'event-1'));
      await cache.set('user:1:profile', 'loaded after it');

      await emitter.emitAsync('user.changed', new UserChanged('1', 'event-1'));

      expect(await cache.get('user:1:profile')).toBe('loaded after it');
    });

    it('is told apart from one of another kind with the same id', async () => {
      const { cache, emitter } = await started();
      await emitter.emitAsync('user.changed', new UserChanged('1', 'event-1'));
      await cache.set('agent:1:stats:7d', 1);

      await emitter.emitAsync('agent.changed', new AgentChanged('1', 'event-1'));

      expect(await cache.get('agent:1:stats:7d')).toBeNull();
    });
  });

  describe('a second change with the same payload', () => {
    it.each([
      ['without ids of its events', undefined, undefined],
      ['with different ids of its events', 'event-1', 'event-2'],
      ['with ids that are none', '', ''],
    ])('is not swallowed: %s', async (_, first, second) => {
      const { cache, emitter } = await started();
      await emitter.emitAsync('user.changed', new UserChanged('1', first));
      await cache.set('user:1:profile', 'loaded after the first');

      await emitter.emitAsync('user.changed', new UserChanged('1', second));

      expect(await cache.get('user:1:profile')).toBeNull();
    });
  });

  describe('a payload that is wrong', () => {
    it.each([[{ id: '*' }], [{ id: 'a:b' }], [{}], [undefined], [null], ['1'], [{ id: null }]])(
      'does not reach the emitter as an error, invalidates nothing and is told in the log: %j',
      async (payload) => {
        const { cache, emitter, errors } = await started();
        await cache.set('user:1:profile', 1);

        await expect(emitter.emitAsync('user.changed', payload)).resolves.toBeDefined();
        expect(() => emitter.emit('user.changed', payload)).not.toThrow();

        expect(await cache.get('user:1:profile')).toBe(1);
        expect(errors[0]).toMatch(/^Event user\.changed invalidated nothing: .*mend the emitter\.$/);
      },
    );

    it('does not use up the id of its event: the mended one is acted upon', async () => {
      const { cache, emitter } = await started();
      await cache.set('user:1:profile', 1);
      await emitter.emitAsync('user.changed', { id: '*', eventId: 'event-1' });

      await emitter.emitAsync('user.changed', new UserChanged('1', 'event-1'));

      expect(await cache.get('user:1:profile')).toBeNull();
    });
  });

  describe('a rule of the application', () => {
    const rule = defineRule<{ readonly team: string; readonly members: readonly string[] }>({
      event: 'team.renamed',
      description: 'profiles of all members',
      tags: ({ team, members }) => [`team:${team}`, ...members.map((id) => `user:${id}`)],
    });

    it('invalidates its tags', async () => {
      const { cache, emitter } = await started({ rules: [rule] });
      await cache.setMany([
        ['user:1:profile', 1],
        ['user:2:profile', 2],
        ['user:3:profile', 3],
      ]);
      await cache.set('board', 4, { tags: ['team:red'] });

      await emitter.emitAsync('team.renamed', { team: 'red', members: ['1', '2'] });

      expect(await cache.getMany(['user:1:profile', 'user:2:profile', 'user:3:profile', 'board'])).toEqual([
        null,
        null,
        3,
        null,
      ]);
    });

    it.each<[string, unknown]>([
      ['no array', { map: () => ['thing:1'] }],
      ['an array with a hole', Object.assign(new Array<string>(2), { 1: 'thing:1' })],
      ['nothing', undefined],
    ])('that returns %s as tags invalidates nothing, and is logged', async (_, tags) => {
      const rule = defineRule({ event: 'thing.changed', description: 'a', tags: () => tags as string[] });
      const { cache, emitter, errors } = await started({ rules: [rule] });
      await cache.set('k', 1, { tags: ['thing:1'] });

      await emitter.emitAsync('thing.changed', {});

      expect(errors).toEqual([expect.stringContaining('Event thing.changed invalidated nothing: ')]);
      expect(await cache.get('k')).toBe(1);
    });

    it('that throws breaks neither the emitter nor the others', async () => {
      const { cache, emitter, errors } = await started({ rules: [rule] });
      await cache.set('user:1:profile', 1);

      await emitter.emitAsync('team.renamed', { team: 'red' });
      await emitter.emitAsync('user.changed', new UserChanged('1'));

      expect(errors).toHaveLength(1);
      expect(await cache.get('user:1:profile')).toBeNull();
    });

    it('is listed with those of the domain', async () => {
      await started({ rules: [rule] });

      expect(
        modules[0]
          ?.get(InvalidationService)
          .rules()
          .map(({ event }) => event),
      ).toEqual(['metric.changed', 'user.changed', 'agent.changed', 'workspace.changed', 'team.renamed']);
    });
  });

  describe('without an EventEmitterModule', () => {
    it('the cache works, and one line says what is missing', async () => {
      const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
      const module = await Test.createTestingModule({ imports: [CacheModule.forRoot({})] }).compile();
      modules.push(await module.init());

      expect(await module.get(CacheService).set('k', 1)).toBe(true);
      expect(warn.mock.calls.map(([line]) => String(line))).toEqual([
        expect.stringContaining('EventEmitterModule.forRoot()'),
      ]);
    });
  });

  describe('on Redis', () => {
    const suite = redisOfSuite();

    it('emitAsync resolves when the invalidation is done: Redis has the new generation', async () => {
      const { cache, emitter } = await started({ redis: { url: suite.url, failFast: true } });
      await cache.set('user:1:profile', 'old');
      const before = await suite.redis.get('shadower:g:{user:1}');

      await emitter.emitAsync('user.changed', new UserChanged('1'));

      expect(await suite.redis.get('shadower:g:{user:1}')).not.toBe(before);
      expect(await cache.get('user:1:profile', { consistency: 'strict' })).toBeNull();
    });

    it('an occurrence that is told again while it is acted upon resolves no sooner than that is done', async () => {
      const { cache, emitter } = await started({ redis: { url: suite.url, failFast: true } });
      await cache.set('user:2:profile', 'old');
      const before = await suite.redis.get('shadower:g:{user:2}');

      void emitter.emitAsync('user.changed', new UserChanged('2', 'event-2'));
      await emitter.emitAsync('user.changed', new UserChanged('2', 'event-2'));

      expect(await suite.redis.get('shadower:g:{user:2}')).not.toBe(before);
    });

    it('reach every other instance, also those that are loading', async () => {
      const redis = { url: suite.url, failFast: true };
      const [a, b] = [await started({ redis }), await started({ redis })];
      const [loading, loaded] = [gate(), gate<string>()];
      const caller = b.cache.getOrLoad('agent:1:stats:7d', () => (loading.open(), loaded.opened));
      await loading.opened;

      await a.emitter.emitAsync('agent.changed', new AgentChanged('1'));
      loaded.open('old');
      await caller;

      expect(await b.cache.get('agent:1:stats:7d', { consistency: 'strict' })).toBeNull();
      await until(async () => (await b.cache.get('agent:1:stats:7d')) === null);
    });

    it('do not fail the emitter when Redis is away', async () => {
      const away = await RedisServer.start();
      const { emitter, cache } = await started({ redis: { url: away.url, failFast: true } });
      await away.stop();

      await expect(emitter.emitAsync('user.changed', new UserChanged('1'))).resolves.toBeDefined();

      expect(await cache.get('user:1:profile')).toBeNull();
    });
  });
});
