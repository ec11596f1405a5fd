import { setTimeout } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type * as Api from '../../src/index.js';
import { modulesOf, product, Root, settled } from './product.js';

const LOAD_TAKES = 20;

/** Product pages, each 20 ms of work. */
export const Product = product.defineKey('product:{id}', { ttl: 3_600 });

async function load(): Promise<object> {
  await setTimeout(LOAD_TAKES);
  return { title: 'a product', price: 12.5 };
}

/** One instance that can load products by itself. */
export interface Warming {
  readonly cache: Api.CacheService;
  /** Reads a product, and says where it was found. */
  readonly read: (id: number) => Promise<string>;
  /** How long the first run took that was seen to end. */
  readonly took: () => number | undefined;
  readonly invalidateAll: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** An application with the loader of products. With Redis traffic begins when that is followed, as it would behind a readiness probe; `planned` are loaded meanwhile. */
export async function startWarming(options: Api.CacheModuleOptions, planned: readonly number[] = []): Promise<Warming> {
  class Loaders {
    product(): Promise<object> {
      return load();
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Loaders.prototype, 'product') as TypedPropertyDescriptor<
    () => object
  >;
  product.LoaderFor(Product)(Loaders.prototype, 'product', descriptor);
  class Catalogue {
    readonly size = planned.length;
  }
  if (planned.length > 0) product.WarmUp({ template: Product, keys: planned.map((id) => ({ id })) })(Catalogue);
  const app = await NestFactory.createApplicationContext(
    {
      module: Root,
      imports: modulesOf({ memory: { maxEntries: 50_000 }, ...options }),
      providers: [Loaders, Catalogue],
    },
    { logger: false },
  );
  await settled(app);
  const cache = app.get(product.CacheService);
  let took: number | undefined;
  app.get(product.CacheEvents).subscribe((event) => {
    if (event.type === 'warm-up.ended' && event.how === 'done') took ??= event.took;
  });
  return {
    cache,
    read: async (id) => (await cache.lookup(Product({ id }), load)).source,
    took: () => took,
    invalidateAll: () => app.get(product.InvalidationService).all(),
    close: () => app.close(),
  };
}
