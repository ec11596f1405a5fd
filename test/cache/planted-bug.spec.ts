import { Injectable } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CacheEvents,
  CacheModule,
  CacheService,
  defineKey,
  InvalidationService,
  METRICS_REGISTRY,
  PrometheusModule,
  UserChanged,
} from '../../src/index.js';
import { RedisServer } from '../support/redis-server.js';

const Profile = defineKey('user:{userId}:profile', { ttl: 600, spotCheck: 0.02 });
const USERS = 40;
const MINUTE_MS = 60_000;

/** Users and their names, as an application writes and reads them. */
@Injectable()
class Users {
  readonly #names = Array.from({ length: USERS }, (_, id) => `name ${id}`);

  constructor(
    private readonly cache: CacheService,
    private readonly events: EventEmitter2,
  ) {}

  read(id: number): Promise<string> {
    return this.cache.getOrLoad(Profile({ userId: id }), () => Promise.resolve(this.#names[id] ?? 'nobody'));
  }

  async rename(id: number, name: string): Promise<void> {
    this.#names[id] = name;
    await this.events.emitAsync(UserChanged.event, new UserChanged(String(id)));
  }

  /** The planted bug: it writes, and tells nobody. */
  renameAndForget(id: number, name: string): void {
    this.#names[id] = name;
  }
}

describe('an application with default options, of which one hit in fifty of a template is looked into', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());

  /** Reads all the time and writes as `write` does, until a spot check has ended so for as often, or for a minute. */
  async function run(write: (users: Users, round: number) => unknown, outcome: string, times: number) {
    const imports = [
      EventEmitterModule.forRoot(),
      // What the first application has left behind is what this is about.
      CacheModule.forRoot({ redis: { url: redis.url }, prefix: outcome, templates: [Profile] }),
      PrometheusModule.forRoot({ defaultMetrics: false }),
    ];
    const module = await Test.createTestingModule({ imports, providers: [Users] }).compile();
    module.useLogger(false);
    await module.init();
    const seen: string[] = [];
    module.get(CacheEvents).subscribe((event) => {
      if (event.type === 'spot-check.ended') seen.push(event.outcome);
    });
    const users = module.get(Users);
    const start = performance.now();
    for (let round = 0; seen.filter((each) => each === outcome).length < times; round += 1) {
      if (performance.now() - start > MINUTE_MS) break;
      for (let id = 0; id < USERS; id += 1) await users.read(id);
      if (round % 20 === 0) await write(users, round);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { module, seen, took: performance.now() - start };
  }

  it('has an event that is not emitted found within a minute', { timeout: 2 * MINUTE_MS }, async () => {
    const write = async (users: Users, round: number): Promise<void> => {
      await users.rename(round % 30, `renamed ${round}`);
      users.renameAndForget(30 + (round % 10), `forgotten ${round}`);
    };
    const { module, took } = await run(write, 'inconsistent', 1);
    console.log(`  a missing event was found after ${(took / 1000).toFixed(1)} s`);

    expect(took).toBeLessThan(MINUTE_MS);
    const [found] = await module.get(InvalidationService).inconsistencies();
    expect(found?.key).toMatch(/^user:3\d:profile$/);
    expect(found?.explanation).toMatchObject({ state: 'fresh', lastInvalidation: null });
    expect(found?.explanation.tags.map(({ tag }) => tag)).toContain(found?.key.replace(':profile', ''));
    const metrics = await module.get<{ metrics(): Promise<string> }>(METRICS_REGISTRY).metrics();
    const ofTemplate = /key_pattern="user:\{userId\}:profile"/;
    for (const name of ['cache_inconsistent_ratio', 'cache_inconsistent_ratio_low', 'cache_inconsistent_ratio_high']) {
      const line = metrics.split('\n').find((text) => text.startsWith(`${name}{`) && ofTemplate.test(text));
      expect(Number(line?.split(' ').at(-1)), name).toBeGreaterThan(0);
    }
    await module.close();
  });

  it('has nothing found while each write emits its event', { timeout: 2 * MINUTE_MS }, async () => {
    const write = (users: Users, round: number): Promise<void> => users.rename(round % USERS, `renamed ${round}`);
    const { module, seen } = await run(write, 'consistent', 30);

    expect(seen).not.toContain('inconsistent');
    expect(seen).not.toContain('failed');
    await module.close();
  });
});
