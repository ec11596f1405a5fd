import { InvalidOptionError } from '../primitives/errors.js';
import { DEFAULT_CACHE } from './cache-events.js';
import {
  type CacheModuleOptions,
  type ResolvedCacheOptions,
  resolveOptions,
  type SourceOptions,
} from './cache-options.js';

/** Defaults of a cache beside the default one: all that `CacheModule.forRoot` takes but what caches share. */
export type NamedCacheDefaults = Omit<
  CacheModuleOptions,
  'redis' | 'prefix' | 'instance' | 'coherenceWindowMs' | 'sources' | 'traceKey' | 'http'
>;

/** What is of the connection, or of the process, and not of one cache. */
const SHARED: Readonly<Record<Exclude<keyof CacheModuleOptions, keyof NamedCacheDefaults>, true>> = {
  ...{ redis: true, prefix: true, instance: true, coherenceWindowMs: true },
  ...{ sources: true, traceKey: true, http: true },
};

/** Options of `CacheModule.forFeature`. */
export interface NamedCacheOptions extends NamedCacheDefaults {
  /** What it is injected by, and below the prefix of the default cache its own: 1 to 64 characters of a-z A-Z 0-9 _ - */
  readonly name: string;
}

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** `name` when a cache can be called so. @throws InvalidOptionError */
export function checkCacheName(name: unknown): string {
  if (typeof name === 'string' && NAME.test(name) && name !== DEFAULT_CACHE) return name;
  const rule = `1 to 64 characters of a-z A-Z 0-9 _ - and not ${DEFAULT_CACHE}, the name of the cache of forRoot`;
  throw new InvalidOptionError('the name of a cache', rule, name);
}

/** @throws InvalidOptionError for an option that is not one cache's own */
export function checkNotShared(name: string, options: object): void {
  const shared = Object.entries(options).find(([option, value]) => option in SHARED && value !== undefined);
  if (!shared) return;
  const [option, value] = shared as [string, unknown];
  throw new InvalidOptionError(
    `${option} of the cache ${name}`,
    'left to CacheModule.forRoot, as all caches share it',
    value,
  );
}

/** Fills in defaults, those of the module and not of the default cache, and what is shared with that. @throws InvalidOptionError */
export function resolveNamed(
  name: string,
  options: NamedCacheDefaults,
  { redis, prefix, instance, coherenceWindow, sources, traceKey, http }: ResolvedCacheOptions,
): ResolvedCacheOptions {
  checkNotShared(name, options);
  const limits = [...sources].map(([source, { maxLoads, maxWait }]): [string, SourceOptions] => [
    source,
    { maxLoads, maxWaitMs: maxWait },
  ]);
  // Its own options name the sources: they are checked against those there are.
  const own = resolveOptions({ ...options, sources: Object.fromEntries(limits) });
  return Object.freeze({ ...own, name, redis, prefix, instance, coherenceWindow, traceKey, http });
}
