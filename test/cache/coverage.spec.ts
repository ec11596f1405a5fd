import {
  type DynamicModule,
  type INestApplicationContext,
  Injectable,
  Module,
  type LoggerService,
} from '@nestjs/common';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Cacheable,
  CacheEvict,
  CacheModule,
  type CacheModuleOptions,
  defineKey,
  defineRule,
  InvalidateOn,
  InvalidationService,
  invalidationToken,
  type InvalidationRule,
  type KeyTemplate,
  type NamedCacheOptions,
  type RuleCoverage,
  UserChanged,
} from '../../src/index.js';
import { Caches } from '../../src/cache/caches.js';

const PROFILE = defineKey('user:{userId}:profile');
const REPORT = defineKey('report:{day}:{timeframe}');
const OFFERS = defineKey('offers:{region}', { tags: ({ region }) => [`prices:${region}`] });

type Tags<P> = (payload: P) => readonly string[];

function rule<P>(event: string, tags: Tags<P>, more: Partial<InvalidationRule<P>> = {}): InvalidationRule {
  return defineRule<P>({ event, description: `what ${event} says`, tags, ...more });
}

const PRICES = rule<{ region: string }>('prices.published', ({ region }) => [`prices:${region}`]);

const closing: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

interface Started {
  readonly app: INestApplicationContext;
  readonly warnings: readonly string[];
  readonly coverage: () => RuleCoverage;
  readonly emit: (event: string, payload: unknown) => Promise<unknown>;
}

async function start(
  options: CacheModuleOptions,
  providers: (new (...args: never[]) => object)[] = [],
  imports: DynamicModule[] = [],
): Promise<Started> {
  @Module({ imports: [EventEmitterModule.forRoot(), CacheModule.forRoot(options), ...imports], providers })
  class AppModule {}
  const warnings: string[] = [];
  const nothing = (): void => undefined;
  const logger: LoggerService = { log: nothing, error: nothing, warn: (message: string) => warnings.push(message) };
  const app = await NestFactory.createApplicationContext(AppModule, { logger, abortOnError: false });
  closing.push(() => app.close());
  const service = app.get(InvalidationService);
  return {
    app,
    warnings,
    coverage: () => service.coverage(),
    emit: (event, payload) => app.get(EventEmitter2).emitAsync(event, payload),
  };
}

const kinds = ({ coverage }: Started): string[] => coverage().findings.map(({ kind, name }) => `${kind} ${name}`);

describe('a template', () => {
  it('that no event invalidates is warned of, once', async () => {
    const started = await start({ templates: [PROFILE, REPORT] });
    expect(started.warnings).toEqual([
      "No event invalidates report:{day}:{timeframe}: it carries no tag. Its entries go by their TTL only, or where you delete them; name an entity in it, give it tags, or add a rule. Meant? coverage: { except: ['report:{day}:{timeframe}'] }.",
    ]);
    expect(started.coverage().templates).toMatchObject([
      { template: 'user:{userId}:profile', tags: ['user:{userId}'], events: ['user.changed'], methods: [] },
      { template: 'report:{day}:{timeframe}', tags: [], events: [], methods: [] },
    ]);
  });

  it.each<[string, InvalidationRule | undefined, KeyTemplate[]]>([
    ['by an entity in its name', undefined, [PROFILE]],
    ['by a tag', PRICES, [OFFERS]],
    ['by its key', { ...rule('reports.published', () => []), keys: () => ['report:1:7d'] }, [REPORT]],
    ['by a pattern', { ...rule('reports.published', () => []), patterns: () => ['report:*'] }, [REPORT]],
    ['by a payload that is an id itself', rule<string>('region.moved', (id) => [`prices:${id.trim()}`]), [OFFERS]],
    [
      'perhaps by a rule that made-up payloads do not fit',
      rule<{ ids: string[] }>('many', ({ ids }) => ids.map(String)),
      [REPORT],
    ],
  ])('is covered %s', async (_how, given, templates) => {
    const started = await start({ templates, rules: given ? [given] : [] });
    expect(started.warnings).toEqual([]);
    expect(kinds(started)).toEqual([]);
  });

  it('of a decorated method counts, with the tags of the decorator, and so do events and evictions of methods', async () => {
    const TOTALS = defineKey('totals:{day}');
    const LISTS = defineKey('lists:{name}');
    const LOST = defineKey('lost:{name}');
    @Injectable()
    class Totals {
      @Cacheable(TOTALS, { key: ['day'], tags: ['totals'] })
      @InvalidateOn('totals.counted', { tags: ['totals'] })
      total(day: string): Promise<string> {
        return Promise.resolve(day);
      }

      @Cacheable(LISTS, { key: ['name'] })
      list(name: string): Promise<string> {
        return Promise.resolve(name);
      }

      @CacheEvict({ key: (name: string) => LISTS({ name }) })
      change(name: string): Promise<string> {
        return Promise.resolve(name);
      }

      @Cacheable(LOST, { key: ['name'] })
      lost(name: string): Promise<string> {
        return Promise.resolve(name);
      }
    }
    const started = await start({}, [Totals]);
    expect(started.coverage().templates).toMatchObject([
      { template: 'totals:{day}', tags: ['totals'], events: ['totals.counted'] },
      { template: 'lists:{name}', events: [], methods: ['Totals.change'] },
      { template: 'lost:{name}', events: [], methods: [] },
    ]);
    expect(kinds(started)).toEqual(['template-without-event lost:{name}', 'broad-tag totals:{day}']);
  });

  it('whose entries all share their tags is warned of, unless there is one entry only', async () => {
    const broad = defineKey('page:{page}', { tags: () => ['catalogue'] });
    const single = defineKey('front-page', { tags: () => ['catalogue'] });
    const both = defineKey('shelf:{page}', { tags: ({ page }) => ['catalogue', `shelf:${page}`] });
    const rules = [rule('catalogue.changed', () => ['catalogue'])];
    expect(kinds(await start({ templates: [broad, single, both], rules }))).toEqual(['broad-tag page:{page}']);
    const shelves = Array.from({ length: 11 }, (_, i) =>
      defineKey(`shelf${i}:{page}`, { tags: ({ page }) => ['catalogue', `shelf:${page}`] }),
    );
    expect(kinds(await start({ templates: shelves.slice(1), rules }))).toEqual([]);
    expect(kinds(await start({ templates: shelves, rules }))).toHaveLength(11);
  });

  it('whose tags cannot be made of made-up values is not judged', async () => {
    const picky = defineKey('picky:{id}', {
      tags: ({ id }) => {
        if (String(id).length < 20) throw new RangeError('too short');
        return [`picky:${id}`];
      },
    });
    const started = await start({ templates: [picky] });
    expect(started.coverage().templates).toMatchObject([{ template: 'picky:{id}', tags: null }]);
    expect(kinds(started)).toEqual([]);
  });
});

describe('an event', () => {
  it('that takes entries of no template is warned of; those of the domain are not', async () => {
    const misspelt = rule<{ region: string }>('prices.published', ({ region }) => [`price:${region}`]);
    const started = await start({
      templates: [PROFILE, OFFERS],
      rules: [misspelt],
      coverage: { except: ['offers:{region}'] },
    });
    expect(kinds(started)).toEqual(['event-without-template prices.published']);
    expect(started.warnings).toEqual([expect.stringContaining('prices.published takes entries of no template')]);
    const withoutTemplates = await start({ rules: [misspelt] });
    expect(withoutTemplates.warnings).toEqual([]);
  });

  it('is counted when it is seen, and so is known never to have been', async () => {
    const started = await start({ templates: [PROFILE, OFFERS], rules: [PRICES] });
    const seen = (): unknown[] => started.coverage().events.map(({ event, seen }) => `${event} ${seen}`);
    const quiet = [
      'metric.changed 0',
      'user.changed 0',
      'agent.changed 0',
      'workspace.changed 0',
      'prices.published 0',
    ];
    expect(seen()).toEqual(quiet);
    await started.emit(UserChanged.event, new UserChanged('1'));
    await started.emit('prices.published', { region: 'eu' });
    await started.emit('prices.published', { region: 'us' });
    expect(seen()).toEqual(['metric.changed 0', 'user.changed 1', ...quiet.slice(2, 4), 'prices.published 2']);
    const { events, since } = started.coverage();
    expect(events[0]).toMatchObject({ lastSeenAt: null, templates: [] });
    expect(events[4]).toMatchObject({ templates: ['offers:{region}'] });
    expect(events[4]?.lastSeenAt).toBeGreaterThanOrEqual(since);
  });

  it('whose rule loops over what it is given does not hold up the start', async () => {
    const endless = rule<{ next: unknown }>('endless', (payload) => {
      let steps = 0;
      while (typeof payload !== 'undefined') steps += 1;
      return steps < 0 ? ['never'] : [];
    });
    expect((await start({ templates: [REPORT], rules: [endless] })).warnings).toEqual([]);
  });
});

describe('the option', () => {
  it('makes findings an error, turns them off, or says what is meant', async () => {
    const failing = start({ templates: [REPORT], coverage: { onFinding: 'error' } });
    await expect(failing).rejects.toMatchObject({
      code: 'RULE_COVERAGE',
      message: expect.stringContaining('- No event invalidates report:{day}:{timeframe}') as string,
    });
    expect((await start({ templates: [PROFILE], coverage: { onFinding: 'error' } })).warnings).toEqual([]);
    expect((await start({ templates: [REPORT], coverage: { onFinding: 'off' } })).warnings).toEqual([]);
    const meant = await start({ templates: [REPORT], coverage: { except: [REPORT.template] } });
    expect([meant.warnings, kinds(meant)]).toEqual([[], []]);
    await expect(start({ coverage: { onFinding: 'never' as 'off' } })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });
});

describe('named caches', () => {
  const LISTS = defineKey('lists:{name}');
  @Injectable()
  class Lists {
    @Cacheable(OFFERS, { key: ['region'], cache: 'reports' })
    offers(region: string): Promise<string> {
      return Promise.resolve(region);
    }

    @Cacheable(LISTS, { key: ['name'], cache: 'reports' })
    list(name: string): Promise<string> {
      return Promise.resolve(name);
    }

    @CacheEvict({ key: (name: string) => LISTS({ name }), cache: 'reports' })
    change(name: string): Promise<string> {
      return Promise.resolve(name);
    }
  }

  const reports = (options: Partial<NamedCacheOptions> = {}): DynamicModule =>
    CacheModule.forFeature({ name: 'reports', ...options });

  it('know their own templates, rules and methods, and are named where something is missed', async () => {
    const { app, warnings, coverage } = await start({ templates: [REPORT], rules: [PRICES] }, [Lists], [reports()]);
    expect(warnings).toEqual([
      expect.stringMatching(/^No event invalidates report:/),
      expect.stringMatching(/^The rule of the event prices\.published takes entries of no template/),
      expect.stringMatching(/^In the cache reports: No event invalidates offers:\{region\}: no rule is about prices:/),
    ]);
    expect(coverage().templates.map(({ template }) => template)).toEqual(['report:{day}:{timeframe}']);
    const named = app.get<InvalidationService>(invalidationToken('reports')).coverage();
    expect(named.templates).toMatchObject([
      { template: 'offers:{region}', events: [], methods: [] },
      { template: 'lists:{name}', events: [], methods: ['Lists.change'] },
    ]);
    const told = [...app.get(Caches)].map(([name, { tally }]) => [name, Object.fromEntries(tally.findings)]);
    expect(told).toEqual([
      ['default', { 'template-without-event': 1, 'event-without-template': 1, 'broad-tag': 0 }],
      ['reports', { 'template-without-event': 1, 'event-without-template': 0, 'broad-tag': 0 }],
    ]);
  });

  it('count their rules, and the events of the domain each', async () => {
    const { app, emit, coverage } = await start({}, [Lists], [reports({ rules: [PRICES] })]);
    await emit('prices.published', { region: 'eu' });
    await emit(UserChanged.event, new UserChanged('1'));
    const seen = ({ events }: RuleCoverage): unknown[] => events.map(({ event, seen: count }) => `${event} ${count}`);
    const named = app.get<InvalidationService>(invalidationToken('reports')).coverage();
    expect(seen(named)).toEqual(expect.arrayContaining(['prices.published 1', 'user.changed 1']));
    expect(seen(coverage())).toContain('user.changed 1');
    expect(seen(coverage())).not.toContainEqual(expect.stringContaining('prices.published'));
  });

  it('have options of their own', async () => {
    const failing = start({}, [Lists], [reports({ coverage: { onFinding: 'error' } })]);
    await expect(failing).rejects.toMatchObject({
      code: 'RULE_COVERAGE',
      message: expect.stringContaining('The rules of the cache reports miss something:') as string,
    });
    const options = { templates: [REPORT], coverage: { onFinding: 'off' as const } };
    const meant = await start(options, [Lists], [reports({ coverage: { except: [OFFERS.template] } })]);
    expect(meant.warnings).toEqual([]);
  });
});
