import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { withDeadline } from '../../primitives/deadline.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { Milliseconds } from '../../primitives/units.js';
import { CacheEvents, DEFAULT_CACHE } from '../cache-events.js';
import type { CacheRuntime } from '../cache-runtime.js';
import { Caches } from '../caches.js';
import { CACHE_RUNTIME } from '../tokens.js';
import { CacheWarming } from './cache-warming.js';
import { WarmUpLog } from './warm-up-log.js';
import { type LoaderDeclaration, loadersOf, type WarmUpDeclaration, warmUpsOf } from './warming-metadata.js';

type Provided = ReturnType<DiscoveryService['getProviders']>[number];

/** The longest time for which readiness waits for warm-ups that ask for it. */
const LONGEST_WAIT: Milliseconds = 30_000;

/** Finds the warm-ups and loaders of the application's providers, and carries them out while it runs. */
@Injectable()
export class WarmingBinder implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  readonly #warming = new Map<string | undefined, CacheWarming>();

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(Caches) private readonly caches: Caches,
    @Inject(CacheEvents) private readonly events: CacheEvents,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
  ) {}

  /** Called by Nest. @throws InvalidOptionError for a plan without a loader, and for two of one name or template */
  onModuleInit(): void {
    const provided = [...new Set([...this.discovery.getProviders(), ...this.discovery.getControllers()])];
    for (const wrapper of provided)
      for (const loader of loadersOf(prototypeOf(wrapper))) this.#addLoader(loader, instanceOf(wrapper, loader.where));
    for (const wrapper of provided)
      for (const plan of typeof wrapper.metatype === 'function' ? warmUpsOf(wrapper.metatype) : [])
        this.#addPlan(plan, instanceOf(wrapper, `the warm-up ${plan.name}`));
    if (this.#warming.size > 0) this.events.subscribe(new WarmUpLog(new Logger('Cache'), this.runtime.clock).listen);
  }

  /** Called by Nest. */
  async onApplicationBootstrap(): Promise<void> {
    const started = Promise.all([...this.#warming.values()].map((warming) => warming.start()));
    const late = (): Error => new Error('it goes on, and readiness waits no longer');
    await withDeadline(this.runtime.clock, LONGEST_WAIT, started, late).catch(late);
  }

  /** Called by Nest, before connections close. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.#warming.values()].map((warming) => warming.stop()));
  }

  /** What is loaded in the cache of that name before anybody asks; `undefined` where nothing is. */
  of(cache: string): CacheWarming | undefined {
    return this.#warming.get(cache === DEFAULT_CACHE ? undefined : cache);
  }

  #addLoader({ cache, method, ...declared }: LoaderDeclaration, instance: object): void {
    const call = (...args: unknown[]): unknown =>
      (instance as Record<string | symbol, (...a: unknown[]) => unknown>)[method]?.(...args);
    this.#in(cache, declared.where).loaders.add({ ...declared, load: call });
  }

  #addPlan({ cache, template, keys, onBoot, ...plan }: WarmUpDeclaration, instance: object): void {
    const warming = this.#in(cache, `the warm-up ${plan.name}`);
    const { loaders } = warming;
    loaders.check(template, `the warm-up ${plan.name}`);
    const named = async () => (await keys(instance)).map((parameters) => loaders.of(template, parameters));
    warming.add({ ...plan, onBoot: onBoot !== false, keys: named }, onBoot === 'wait');
  }

  /** @throws InvalidOptionError for a name that no cache has */
  #in(given: string | undefined, where: string): CacheWarming {
    const name = given === DEFAULT_CACHE ? undefined : given;
    const known = this.#warming.get(name);
    if (known) return known;
    const warming = new CacheWarming(this.caches.get(name, `cache of ${where}`));
    this.#warming.set(name, warming);
    return warming;
  }
}

function prototypeOf({ metatype }: Provided): object | null {
  return typeof metatype === 'function' ? ((metatype.prototype as object | undefined) ?? null) : null;
}

/** @throws InvalidOptionError for a provider that each request has its own of */
function instanceOf(wrapper: Provided, where: string): object {
  if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) return wrapper.instance as object;
  throw new InvalidOptionError(
    `the provider of ${where}`,
    'one for the whole application, not for each request',
    wrapper.name,
  );
}
