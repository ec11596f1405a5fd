import 'reflect-metadata';
import { Injectable, Scope, type Type } from '@nestjs/common';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defineKey, InvalidOptionError, WarmUp } from '../../src/index.js';
import { until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { Fleet, gate, Page } from './fleet.js';

type Pages = { readonly id: number }[];

const ids = (count: number): Pages => Array.from({ length: count }, (_, id) => ({ id }));
const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A plan for so many pages. */
function plan(count: number, options: { every?: number; onBoot?: boolean | 'wait' } = {}): Type {
  @WarmUp({ template: Page, keys: ids(count), name: 'pages', ...options })
  @Injectable()
  class Plan {}
  return Plan;
}

describe('warm-ups', () => {
  let server: RedisServer;
  let admin: Redis;
  let fleet: Fleet;
  beforeAll(async () => {
    server = await RedisServer.start();
    admin = new Redis(server.url, { disableClientInfo: true });
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });
  beforeEach(() => {
    fleet = new Fleet({ redis: { url: server.url } });
  });
  afterEach(async () => {
    fleet.source.gate?.open();
    await fleet.close();
    await admin.flushall();
  });

  it('load what nobody has asked for yet, and nothing that is cached', async () => {
    const first = await fleet.start();
    await first.read(1);
    const warming = await fleet.start([plan(5)]);
    expect(await warming.ended()).toMatchObject({
      plan: 'pages',
      how: 'done',
      progress: { keys: 5, loaded: 4, present: 1, failed: 0 },
    });
    expect(fleet.source.asked.toSorted()).toEqual(['0', '1', '2', '3', '4']);
    expect(await warming.cache.get(Page({ id: 4 }))).toBe('page 4');
    expect(await first.cache.get(Page({ id: 4 }))).toBe('page 4');
  });

  it('have what they are made of injected, and their keys asked for when it is their turn', async () => {
    @Injectable()
    class Popular {
      pages(): Promise<Pages> {
        return Promise.resolve(ids(3));
      }
    }
    @WarmUp({ template: Page, keys: (popular: FromPopular) => popular.keys() })
    @Injectable()
    class FromPopular {
      constructor(private readonly popular: Popular) {}
      keys(): Promise<Pages> {
        return this.popular.pages();
      }
    }
    Reflect.defineMetadata('design:paramtypes', [Popular], FromPopular);
    const warming = await fleet.start([Popular, FromPopular]);
    expect(await warming.ended()).toMatchObject({ plan: 'FromPopular', progress: { loaded: 3 } });
  });

  it('are done by one of two instances that start at once', async () => {
    const both = await Promise.all([fleet.start([plan(20)]), fleet.start([plan(20)])]);
    await until(() => both.some((each) => each.of('warm-up.ended').length > 0));
    await rest(1_500);
    expect(both.flatMap((each) => each.of('warm-up.began'))).toHaveLength(1);
    expect(fleet.source.asked.toSorted()).toEqual(
      ids(20)
        .map(({ id }) => String(id))
        .toSorted(),
    );
  });

  it('are taken over when whoever is at it dies', async () => {
    fleet.source.gate = gate();
    const dying = await fleet.start([plan(6)]);
    await until(() => fleet.source.asked.length > 0);
    const heir = await fleet.start([plan(6)]);
    await rest(500);
    expect(heir.of('warm-up.began')).toHaveLength(0);
    // As if its process had gone: nothing of it reaches Redis any more, no release either.
    (
      await import('../../src/cache/tokens.js').then(({ REDIS_CLIENT }) => dying.app.get<Redis>(REDIS_CLIENT))
    ).disconnect();
    fleet.source.gate.open();
    expect(await heir.ended()).toMatchObject({ how: 'done', progress: { keys: 6, failed: 0 } });
    await until(() => dying.of('warm-up.ended').length > 0);
    expect(dying.of('warm-up.ended')[0]?.how).not.toBe('done');
  });

  it('go on elsewhere at once when an instance is stopped, whose loads under way are kept', async () => {
    fleet.source.gate = gate();
    const leaving = await fleet.start([plan(50)], { leaseMs: 20_000 });
    await until(() => fleet.source.asked.length === 2);
    const begun = performance.now();
    const closing = leaving.app.close();
    await until(() => leaving.of('warm-up.ended').length > 0);
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(leaving.of('warm-up.ended')[0]).toMatchObject({ how: 'stopped' });
    await until(async () => (await admin.exists('shadower:l:{#warm:pages}')) === 0);
    fleet.source.gate.open();
    await closing;
    expect(fleet.source.asked).toHaveLength(2);
    for (const id of fleet.source.asked) expect(await admin.exists(`shadower:e:{page:${id}}`)).toBe(1);
    expect(await (await fleet.start([plan(50)])).ended()).toMatchObject({
      how: 'done',
      progress: { loaded: 48, present: 2 },
    });
  });

  it('come again after `every` from the end, and never meet themselves', async () => {
    fleet.source.gate = gate();
    const warming = await fleet.start([plan(2, { every: 1 })]);
    await until(() => fleet.source.asked.length === 2);
    await rest(1_500);
    expect(warming.of('warm-up.began')).toHaveLength(1);
    fleet.source.gate.open();
    await warming.ended();
    const since = performance.now();
    await warming.invalidation.all();
    await warming.ended(2);
    expect(performance.now() - since).toBeGreaterThan(900);
    expect(fleet.source.asked).toHaveLength(4);
  });

  it('wait a time for a plan that is not for the boot', async () => {
    const warming = await fleet.start([plan(2, { every: 1, onBoot: false })]);
    await rest(600);
    expect(warming.of('warm-up.began')).toHaveLength(0);
    await warming.ended();
  });

  it('leave nothing stale behind an invalidation that comes meanwhile', async () => {
    fleet.source.gate = gate();
    const warming = await fleet.start([plan(2)]);
    await until(() => fleet.source.asked.length === 2);
    await warming.invalidation.all();
    fleet.source.gate.open();
    expect(await warming.ended()).toMatchObject({ how: 'done' });
    expect(await warming.cache.get(Page({ id: 0 }))).toBeNull();
    expect(await warming.cache.get(Page({ id: 1 }))).toBeNull();
  });

  it('count a loader that fails, and go on with the others', async () => {
    fleet.source.broken.add('1');
    const warming = await fleet.start([plan(4)]);
    expect(await warming.ended()).toMatchObject({ how: 'done', progress: { keys: 4, loaded: 3, failed: 1 } });
  });

  it('tell of keys that cannot be named, and begin nothing', async () => {
    @WarmUp({ template: Page, keys: () => Promise.reject<Pages>(new RangeError('no list')), name: 'pages' })
    @Injectable()
    class Plan {}
    const warming = await fleet.start([Plan]);
    expect(await warming.ended()).toMatchObject({ how: 'failed', error: { name: 'RangeError' } });
    expect(await admin.exists('shadower:l:{#warm:pages}')).toBe(0);
  });

  it('let readers go first where the source has no room', async () => {
    fleet.source.gate = gate();
    const warming = await fleet.start([plan(10)]);
    await until(() => fleet.source.asked.length === 2);
    const [one, two] = [warming.read(100), warming.read(101)];
    // One that is to be warmed, and waits for that: its reader loads it in his own turn.
    const three = warming.read(9);
    await rest(100);
    fleet.source.gate.open();
    await Promise.all([one, two, three]);
    expect(fleet.source.asked.slice(2, 5).toSorted()).toEqual(['100', '101', '9']);
    expect(await warming.ended()).toMatchObject({ progress: { loaded: 9, present: 1 } });
    expect(fleet.source.mostAtOnce).toBe(2);
  });

  it('do not delay the start, unless they are asked to', async () => {
    fleet.source.gate = gate();
    const warming = await fleet.start([plan(2)]);
    expect(warming.of('warm-up.ended')).toHaveLength(0);
    fleet.source.gate.open();
    await warming.ended();
    await admin.flushall();
    const waiting = await fleet.start([plan(2, { onBoot: 'wait' })]);
    expect(waiting.of('warm-up.ended')).toHaveLength(1);
  });

  it('load nothing without Redis, say so once, and begin when it is there', async () => {
    const away = await RedisServer.start();
    await away.kill();
    const unserved = new Fleet({ redis: { url: away.url } });
    const begun = performance.now();
    const warming = await unserved.start([plan(2, { onBoot: 'wait' })]);
    // Readiness waits no longer than it takes to see that Redis is away.
    expect(performance.now() - begun).toBeLessThan(10_000);
    await rest(1_500);
    expect(warming.of('warm-up.waiting')).toHaveLength(1);
    expect(unserved.source.asked).toEqual([]);
    await away.restart();
    expect(await warming.ended(1, 15_000)).toMatchObject({ how: 'done', progress: { loaded: 2 } });
    await unserved.close();
    await away.stop();
  }, 40_000);

  it('end when Redis goes away meanwhile, and go on when it is back', async () => {
    const mortal = await RedisServer.start();
    const interrupted = new Fleet({ redis: { url: mortal.url } });
    interrupted.source.gate = gate();
    const warming = await interrupted.start([plan(50)]);
    await until(() => interrupted.source.asked.length === 2);
    await mortal.kill();
    interrupted.source.gate.open();
    expect((await warming.ended(1, 10_000)).how).not.toBe('done');
    expect(interrupted.source.asked.length).toBeLessThan(10);
    await mortal.restart();
    expect(await warming.ended(2, 15_000)).toMatchObject({ how: 'done', progress: { keys: 50, failed: 0 } });
    await interrupted.close();
    await mortal.stop();
  }, 40_000);

  it('run for each process where there is no Redis at all', async () => {
    const alone = new Fleet({});
    expect(await (await alone.start([plan(3)])).ended()).toMatchObject({ how: 'done', progress: { loaded: 3 } });
    await alone.close();
  });

  it('need no right that the shipped user has not, and leave a name each under the prefix', async () => {
    await (await fleet.start([plan(1)])).ended();
    await until(async () => (await admin.exists('shadower:e:{#warm:pages}')) === 1);
    expect(await admin.pttl('shadower:e:{#warm:pages}')).toBeGreaterThan(6 * 86_400_000);
  });
});

describe('a warm-up that cannot be', () => {
  const Orphan = defineKey('orphan:{id}');
  class Subject {
    readonly isOne = true;
  }

  it.each([
    ['a name', () => WarmUp({ template: Page, keys: [], name: 'a b' })(Subject)],
    ['a time', () => WarmUp({ template: Page, keys: [], every: 0 })(Subject)],
    ['no time at all', () => WarmUp({ template: Page, keys: [], onBoot: false })(Subject)],
  ])('is refused for %s when the class is defined', (_what, define) => {
    expect(define).toThrow(InvalidOptionError);
  });

  it('stops the start for want of a loader, for a name that is taken, and for a provider of each request', async () => {
    const fleet = new Fleet({});
    @WarmUp({ template: Orphan, keys: [] })
    @Injectable()
    class Orphaned {}
    await expect(fleet.start([Orphaned])).rejects.toThrow('put @LoaderFor on the method');
    await expect(fleet.start([plan(1), plan(2)])).rejects.toThrow('the name of a warm-up');
    @WarmUp({ template: Page, keys: [] })
    @Injectable({ scope: Scope.REQUEST })
    class EachRequest {}
    await expect(fleet.start([EachRequest])).rejects.toThrow('one for the whole application');
    await fleet.close();
  });
});
