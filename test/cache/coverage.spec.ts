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
  type AnyTimeSeries,
  Cacheable,
  CacheEvict,
  CacheModule,
  type CacheModuleOptions,
  defineKey,
  defineRule,
  defineTimeSeries,
  InvalidateOn,
  InvalidationService,
  invalidationToken,
  type InvalidationRule,
  type KeyTemplate,
  mergers,
  type NamedCacheOptions,
  type RuleCoverage,
  UserChanged,
} from '../../src/index.js';
import { Caches } from '../../src/cache/caches.js';

const PROFILE = defineKey('user:{userId}:profile');
const REPORT = defineKey('report:{day}:{timeframe}');
const OFFERS = defineKey('offers:{region}', { tags: ({ region }) => [`prices:${region}`] });

const BOARD = defineKey('board:{userId}', { tags: ({ userId }) => ['metric:runs', `board:${userId}`] });
const EUROPE = defineKey('europe:{page}', { tags: ({ page }) => ['prices:europe', `europe:${page}`] });

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
  /** What the cache logs beside. */
  readonly lines: readonly string[];
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
  const [warnings, lines]: [string[], string[]] = [[], []];
  const logger: LoggerService = {
    log: (message: string, context: string) =>
      context === 'Cache' && !message.startsWith('No Redis') && lines.push(message),
    error: () => undefined,
    warn: (message: string) => warnings.push(message),
  };
  const app = await NestFactory.createApplicationContext(AppModule, { logger, abortOnError: false });
  closing.push(() => app.close());
  const service = app.get(InvalidationService);
  return {
    app,
    warnings,
    lines,
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
    ['by a tag of one entity that there is', undefined, [BOARD]],
    ['by a tag of one id that there is', PRICES, [EUROPE]],
    ['by its key', { ...rule('reports.published', () => []), keys: () => ['report:1:7d'] }, [REPORT]],
    ['by a pattern', { ...rule('reports.published', () => []), patterns: () => ['report:*'] }, [REPORT]],
    ['by a payload that is an id itself', rule<string>('region.moved', (id) => [`prices:${id.trim()}`]), [OFFERS]],
    [
      'by a payload with parts',
      rule<{ region: { id: string } }>('moved', ({ region }) => [`prices:${region.id}`]),
      [OFFERS],
    ],
    [
      'by a payload with lists',
      rule<{ regions: { name: string }[] }>('moved', ({ regions }) => regions.map(({ name }) => `prices:${name}`)),
      [OFFERS],
    ],
    [
      'by a payload whose first part counts',
      rule<{ rows: { of: string[] }[] }>('moved', ({ rows: [row] }) => (row?.of ?? []).map((id) => `prices:${id}`)),
      [OFFERS],
    ],
  ])('is covered %s', async (_how, given, templates) => {
    const started = await start({ templates, rules: given ? [given] : [] });
    expect(started.warnings).toEqual([]);
    expect(kinds(started)).toEqual([]);
  });

  it('of a time series is covered as all of the series is, and nothing about it is in doubt', async () => {
    const series = (template: string, tags?: () => string[]): AnyTimeSeries =>
      defineTimeSeries({ template, bucket: 'hour', merge: mergers.sum(), ...(tags && { tags }) });
    const timeSeries = [series('metric:{metric}'), series('sales:{shop}', () => ['sales'])];
    const started = await start({ timeSeries });
    const found = ['template-without-event sales:{shop}:hour:{bucket}', 'broad-tag sales:{shop}:hour:{bucket}'];
    expect(kinds(started)).toEqual(found);
    expect(started.coverage()).toMatchObject({
      templates: [{ template: 'metric:{metric}:hour:{bucket}', events: ['metric.changed'] }, { events: [] }],
      doubts: [],
    });
    expect(started.lines).toEqual([]);
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

  it('is one of five of which the log tells, and then where the others are', async () => {
    const templates = Array.from({ length: 7 }, (_, i) => defineKey(`page${i}:{page}`));
    const started = await start({ templates });
    expect(started.warnings).toHaveLength(6);
    expect(started.warnings[5]).toBe(
      'The rules miss 2 more: InvalidationService.coverage() has all findings, and so has shadower-cache doctor.',
    );
    expect((await start({ templates: templates.slice(0, 5) })).warnings).toHaveLength(5);
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
});

describe('what made-up values do not tell', () => {
  const picky: Tags<{ ids: readonly string[] }> = ({ ids }) => {
    if (ids.length < 3) throw new RangeError('too few\nof them');
    return [...ids];
  };
  const told = ({ coverage }: Started): string[] => coverage().doubts.map(({ message }) => message);

  it('of a rule leaves open only what depends on it, and is told', async () => {
    const started = await start({ templates: [REPORT, OFFERS, PROFILE], rules: [rule('many', picky)] });
    expect(kinds(started)).toEqual(['template-without-event report:{day}:{timeframe}']);
    expect(told(started)).toEqual([
      'The rule of many could not be tried: too few.',
      'Whether an event invalidates offers:{region} cannot be told: it depends on the rule of many.',
    ]);
    expect(started.coverage().events.at(-1)).toMatchObject({ event: 'many', templates: null });
    expect(started.warnings).toEqual([expect.stringMatching(/^No event invalidates report:/)]);
    expect(started.lines).toEqual([
      'The rule of many could not be tried: too few. Made-up values do not tell 1 more: InvalidationService.coverage() has all doubts.',
    ]);
  });

  it('of a rule that names keys leaves entries without tags open too, and no rule', async () => {
    const wide = { ...rule<{ ids: readonly string[] }>('many', picky), patterns: () => [] };
    const misspelt = rule<{ region: string }>('prices.published', ({ region }) => [`price:${region}`]);
    const started = await start({ templates: [REPORT, OFFERS], rules: [wide, misspelt] });
    expect(kinds(started)).toEqual(['event-without-template prices.published']);
    expect(told(started)).toHaveLength(3);
  });

  it('of a method is told by its place', async () => {
    @Injectable()
    class Offers {
      @CacheEvict({ tags: (...ids: string[]) => picky({ ids: ids[0]?.split(',') ?? [] }) })
      change(ids: string): Promise<string> {
        return Promise.resolve(ids);
      }
    }
    const started = await start({ templates: [REPORT, OFFERS] }, [Offers]);
    expect(kinds(started)).toEqual(['template-without-event report:{day}:{timeframe}']);
    expect(told(started)[0]).toMatch(/^The method Offers\.change could not be tried: /);
  });

  it('of a template leaves open which rules take its entries, and is told', async () => {
    const strange = defineKey('strange:{id}', {
      tags: ({ id }) => {
        if (String(id).length < 20) throw new RangeError('too short');
        return [`strange:${id}`];
      },
    });
    const started = await start({ templates: [strange, REPORT], rules: [PRICES] });
    expect(started.coverage().templates[0]).toMatchObject({ template: 'strange:{id}', tags: null });
    expect(kinds(started)).toEqual(['template-without-event report:{day}:{timeframe}']);
    expect(told(started)).toEqual([
      'The template strange:{id} could not be tried: too short.',
      'Whether the rule of prices.published takes entries cannot be told: it depends on those of strange:{id}.',
    ]);
  });

  it('as it makes nothing, or something that is no tag, is told as such', async () => {
    const rules = [
      rule('nothing', () => []),
      rule<{ of?: { deep: string }[] }>('no-tags', () => ['no tag'] as const),
      rule('no-list', () => 'all' as never),
    ];
    const started = await start({ templates: [PROFILE], rules });
    expect(told(started)).toEqual([
      'The rule of nothing could not be tried: it invalidates nothing for made-up values.',
      expect.stringMatching(/^The rule of no-tags could not be tried: a tag must be /),
      'The rule of no-list could not be tried: it makes no list.',
    ]);
  });

  it('as it runs without end does not hold up the start', async () => {
    const endless = rule<{ next: unknown }>('endless', (payload) => {
      let steps = 0;
      while (typeof payload !== 'undefined') steps += 1;
      return steps < 0 ? ['never'] : [];
    });
    const started = await start({ templates: [OFFERS], rules: [endless] });
    expect(started.warnings).toEqual([]);
    expect(told(started)[0]).toBe('The rule of endless could not be tried: it ran for longer than 500 ms.');
  });

  it('and is meant is not told', async () => {
    const except = ['many', OFFERS.template];
    const started = await start({ templates: [OFFERS], rules: [rule('many', picky)], coverage: { except } });
    expect([told(started), started.lines]).toEqual([[], []]);
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
    const told = [...app.get(Caches)].map(([name, { binder }]) => [name, binder.book.standing.map(({ kind }) => kind)]);
    expect(told).toEqual([
      ['default', ['template-without-event', 'event-without-template']],
      ['reports', ['template-without-event']],
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
