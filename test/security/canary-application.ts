import { Controller, Get, Inject, Logger, type LoggerService, Param, UseFilters } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { Redis } from 'ioredis';
import request from 'supertest';
import {
  type AnyCacheEvent,
  CacheEvents,
  CacheHealthIndicator,
  CacheModule,
  type CacheModuleOptions,
  CacheService,
  defineKey,
  InvalidationService,
  LoadErrorFilter,
  PrometheusModule,
  REDIS_CLIENT,
} from '../../src/index.js';
import { pause } from '../coherence/context.js';
import { KEYS } from '../coherence/source.js';
import { canary, type Watch } from './canary.js';

const Report = defineKey('tenant:{tenantId}:report:{reportId}', { ttl: 60, grace: 60 });
const SLOW = { hardTimeoutMs: 20 };

@Controller()
class CanaryController {
  constructor(
    @Inject(CacheService) private readonly cache: CacheService,
    @Inject(CacheHealthIndicator) private readonly indicator: CacheHealthIndicator,
  ) {}

  @Get('health')
  health(): unknown {
    return this.indicator.check('cache');
  }

  @Get('slow/:tenant')
  slow(@Param('tenant') tenant: string): Promise<unknown> {
    return this.cache.getOrLoad(`tenant:${tenant}:slow`, () => pause(100), SLOW);
  }

  @Get('filtered/:tenant')
  @UseFilters(LoadErrorFilter)
  filtered(@Param('tenant') tenant: string): Promise<unknown> {
    return this.cache.getOrLoad(`tenant:${tenant}:filtered`, () => pause(100), SLOW);
  }

  @Get('failing/:tenant')
  failing(@Param('tenant') tenant: string): Promise<unknown> {
    return this.cache.getOrLoad(`tenant:${tenant}:failing`, () => Promise.reject(new TypeError('the source is down')));
  }
}

/** What an application is started with. */
export interface CanaryOptions {
  readonly run: number;
  readonly watch: Watch;
  /** Where log lines are looked at: Nest has one logger for all applications of a process. @default watch */
  readonly logs?: Watch;
  readonly cache: CacheModuleOptions;
}

/** An application whose every secret is marked, and whose every sign of life is looked at. */
export class CanaryApplication {
  /** How often each type of event was seen. */
  readonly events = new Map<string, number>();
  readonly #tenant: string;
  readonly #id: string;
  readonly #value: object;
  #rounds = 0;

  private constructor(
    readonly app: NestExpressApplication,
    private readonly watch: Watch,
    run: number,
  ) {
    this.#tenant = canary('tenant', run);
    this.#id = canary('key', run);
    this.#value = { secret: canary('value', run) };
    app.get(CacheEvents).subscribe((event) => this.#heard(event));
  }

  static async start({ run, watch, logs = watch, cache }: CanaryOptions): Promise<CanaryApplication> {
    const sources = { warehouse: { maxLoads: 1, maxWaitMs: 5 } };
    const options = { templates: [Report], sources, traceKey: () => 'hidden', blastLimit: 1, ...cache };
    const imports = [EventEmitterModule.forRoot(), CacheModule.forRoot(options), PrometheusModule.forRoot()];
    const module = await Test.createTestingModule({ imports, controllers: [CanaryController] })
      .setLogger(loggerInto(logs))
      .compile();
    const app = module.createNestApplication<NestExpressApplication>();
    await app.init();
    return new CanaryApplication(app, watch, run);
  }

  /** Calls everything there is once, and looks at what the outside is shown. */
  async round(): Promise<void> {
    this.#rounds += 1;
    const calls = [...this.#reads(), ...this.#writes(), ...this.#mistakes(), ...this.#invalidations()];
    await Promise.all(calls.map((call) => this.#tried(call)));
    await Promise.all([this.#loadsThatFail(), this.#answers()]);
    await this.#shown();
  }

  /** What the package never does: hands on an error of the client, which holds the command with all its arguments. */
  async printClientError(): Promise<void> {
    const client = this.app.get<Redis>(REDIS_CLIENT);
    await client.call('SET', this.#id, JSON.stringify(this.#value), 'NO SUCH OPTION').catch((error: unknown) => {
      new Logger('Cache').error(error);
    });
  }

  async stop(): Promise<void> {
    await this.app.close();
  }

  #heard(event: AnyCacheEvent): void {
    this.watch.see('event', event);
    this.events.set(event.type, (this.events.get(event.type) ?? 0) + 1);
  }

  /** Keys of the fault kit, on which its damage is done, and keys that show whose they are. */
  get #keys(): readonly string[] {
    return [...KEYS, `tenant:${this.#tenant}:report:${this.#id}`, `user:${this.#tenant}:${this.#id}`];
  }

  #reads(): (() => unknown)[] {
    const cache = this.app.get(CacheService);
    const report = Report({ tenantId: this.#tenant, reportId: this.#id });
    const load = (): object => this.#value;
    return [
      ...this.#keys.map((key) => () => cache.getOrLoad(key, load, { ttl: 0.2, tags: [`tag:${this.#id}`] })),
      ...this.#keys.slice(-6).map((key) => () => cache.get(key, { consistency: 'strict' })),
      () => cache.lookup(report, load),
      // Nobody says that it changes: spot checks find it.
      () => cache.getOrLoad(this.#drifting, () => ({ ...load(), round: this.#rounds }), { spotCheck: 1 }),
      () => cache.exists(report),
      () => cache.getMany(this.#keys),
      () =>
        cache.getOrLoadMany(
          this.#keys.map((key) => `${key}:many`),
          (missing) => missing.map(load),
        ),
      () => cache.explain(report),
    ];
  }

  get #drifting(): string {
    return `drifting:${this.#tenant}:${this.#id}`;
  }

  #writes(): (() => unknown)[] {
    const cache = this.app.get(CacheService);
    return [
      () => cache.set(this.#keys.at(-1) as string, this.#value),
      () => cache.setMany(this.#keys.slice(-3).map((key) => [key, this.#value])),
      () => cache.delete(`tenant:${this.#tenant}:gone`),
      () => cache.set(`tenant:${this.#tenant}:large`, 'x'.repeat(2_000_000)),
    ];
  }

  /** What callers do wrong; the error is theirs. */
  #mistakes(): (() => unknown)[] {
    const cache = this.app.get(CacheService);
    const key = `tenant:${this.#tenant}:wrong:${this.#id}`;
    const circular: Record<string, unknown> = { ...this.#value };
    circular['itself'] = circular;
    return [
      () => cache.get(`${key} *`),
      () => cache.clearPattern(`*${this.#id}`),
      () => cache.set(key, { ...this.#value, big: 1n }),
      () => cache.set(key, circular),
      () => cache.set(key, undefined),
      () => cache.getOrLoad(key, () => circular),
      () => cache.getOrLoad(key, () => this.#value, { source: 'no source', tags: [this.#id] }),
      () => cache.getOrLoad(`${key}:slow`, () => pause(60), SLOW),
      ...[1, 2, 3].map((i) => () => cache.getOrLoad(`${key}:${i}`, () => pause(30), { source: 'warehouse' })),
      () => this.app.get(EventEmitter2).emitAsync('user.changed', { id: `${this.#tenant}*` }),
    ];
  }

  #invalidations(): (() => unknown)[] {
    const [cache, invalidation] = [this.app.get(CacheService), this.app.get(InvalidationService)];
    return [
      () => invalidation.user(this.#tenant),
      () => invalidation.tags([`tag:${this.#id}`, `user:${this.#tenant}`]),
      () => invalidation.pattern(`tenant:${this.#tenant}:*`),
      () => invalidation.workspace(this.#tenant, { dryRun: true }),
      () => invalidation.all({ dryRun: true }),
      () => invalidation.history(),
      () => invalidation.inconsistencies(),
      () => invalidation.sweep(),
      () => cache.clearPattern(`user:${this.#tenant}:*`),
      () => this.app.get(EventEmitter2).emitAsync('agent.changed', { id: this.#tenant, eventId: `${this.#rounds}` }),
    ];
  }

  async #tried(call: () => unknown): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.watch.see('error', error);
    }
  }

  /** The error is the loader's own and its caller's to see; everybody else has to keep still about it. */
  async #loadsThatFail(): Promise<void> {
    const cache = this.app.get(CacheService);
    const key = `tenant:${this.#tenant}:failing:${this.#id}`;
    const failure = Object.assign(new Error(`no ${JSON.stringify(this.#value)}`), { status: 500 });
    await cache.getOrLoad(key, () => this.#value, { ttl: 0.02, grace: 60 });
    await pause(40);
    for (let i = 0; i < 2; i += 1)
      await cache
        .getOrLoad(key, () => Promise.reject(failure), { ttl: 0.02, grace: 60, throttleMs: 0 })
        .catch((error: unknown) => {
          if (error !== failure) this.watch.see('error', error);
        });
  }

  async #answers(): Promise<void> {
    const server = this.app.getHttpServer();
    for (const path of ['slow', 'failing'])
      this.#answered('answer', await request(server).get(`/${path}/${this.#tenant}`));
    this.#answered('answer through LoadErrorFilter', await request(server).get(`/filtered/${this.#tenant}`));
  }

  async #shown(): Promise<void> {
    const server = this.app.getHttpServer();
    this.#answered('health', await request(server).get('/health'));
    this.#answered('metrics', await request(server).get('/metrics'));
    this.#answered('metrics', await request(server).get('/metrics').accept('application/openmetrics-text'));
    this.watch.see('statistics', this.app.get(CacheService).statistics());
    this.watch.see('sweep', this.app.get(InvalidationService).sweepProgress());
  }

  #answered(place: string, { text, headers }: request.Response): void {
    this.watch.see(place, `${text}\n${JSON.stringify(headers)}`);
  }
}

function loggerInto(watch: Watch): LoggerService {
  const write = (...said: unknown[]): void => {
    for (const part of said) watch.see('log', part);
  };
  return { log: write, error: write, warn: write, debug: write, verbose: write, fatal: write };
}
