import { type INestApplication, Injectable, type Type } from '@nestjs/common';
import {
  type AnyCacheEvent,
  CacheEvents,
  type CacheModuleOptions,
  CacheService,
  defineKey,
  InvalidationService,
  LoaderFor,
  type WarmUpEvent,
} from '../../src/index.js';
import { Applications } from '../decorators/applications.js';
import { gate, type Gate, until } from '../support/caches.js';

export const Page = defineKey('page:{id}', { ttl: 600, source: 'pages' });

/** What computes the pages of all instances, and counts for what it was asked. */
export class Source {
  readonly asked: string[] = [];
  /** Loads wait for it where there is one. */
  gate: Gate<void> | undefined;
  /** Throws for these. */
  readonly broken = new Set<string>();
  atOnce = 0;
  mostAtOnce = 0;

  async page(id: string): Promise<string> {
    this.asked.push(id);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    try {
      await this.gate?.opened;
      if (this.broken.has(id)) throw new TypeError(`page ${id} is broken`);
      return `page ${id}`;
    } finally {
      this.atOnce -= 1;
    }
  }
}

/** Instances of one application over one source, in this process. */
export class Fleet {
  readonly source = new Source();
  readonly #applications = new Applications();

  constructor(private readonly options: CacheModuleOptions) {}

  /** Starts an instance with these providers, and with the loader of pages. */
  async start(providers: readonly Type[] = [], options: CacheModuleOptions = {}): Promise<Instance> {
    const { source } = this;
    @Injectable()
    class Pages {
      @LoaderFor(Page)
      page({ id }: { readonly id: string | number }): Promise<string> {
        return source.page(String(id));
      }
    }
    const events: AnyCacheEvent[] = [];
    @Injectable()
    class Recorder {
      constructor(hub: CacheEvents) {
        hub.subscribe((event) => events.push(event));
      }
    }
    Reflect.defineMetadata('design:paramtypes', [CacheEvents], Recorder);
    const sources = { pages: { maxLoads: 2 } };
    const app = await this.#applications.start(
      { providers: [Recorder, Pages, ...providers] },
      { leaseMs: 1_000, sources, ...this.options, ...options },
    );
    return new Instance(app, events, source);
  }

  async close(): Promise<void> {
    await this.#applications.close();
  }
}

/** One instance, and what it tells. */
export class Instance {
  constructor(
    readonly app: INestApplication,
    readonly events: readonly AnyCacheEvent[],
    private readonly source: Source,
  ) {}

  get cache(): CacheService {
    return this.app.get(CacheService);
  }

  get invalidation(): InvalidationService {
    return this.app.get(InvalidationService);
  }

  read(id: number): Promise<string> {
    return this.cache.getOrLoad(Page({ id }), () => this.source.page(String(id)));
  }

  /** The events of this type, so far. */
  of<T extends WarmUpEvent['type']>(type: T): Extract<AnyCacheEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<AnyCacheEvent, { type: T }> => event.type === type);
  }

  /** Resolves with how the `count`-th run ended. */
  async ended(count = 1, limit = 5_000): Promise<Extract<AnyCacheEvent, { type: 'warm-up.ended' }>> {
    await until(() => this.of('warm-up.ended').length >= count, limit);
    return this.of('warm-up.ended')[count - 1] as Extract<AnyCacheEvent, { type: 'warm-up.ended' }>;
  }
}

export { gate };
