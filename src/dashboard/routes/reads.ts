import type { NamedCache } from '../../cache/caches.js';
import type { WarmingBinder } from '../../cache/warming/warming-binder.js';
import type { CacheKey } from '../../keys/key.js';
import { KeyRegistry } from '../../keys/registry.js';
import type { KeyDetails, Routes } from '../contract.js';
import type { DashboardSettings } from '../dashboard-options.js';
import type { KeyWalks } from '../keys/key-walks.js';
import { shownValue } from '../keys/shown-value.js';
import type { LiveFeed } from '../live/live-feed.js';
import type { Wishes } from './wishes.js';

/** What routes are answered with. */
export interface RouteParts {
  readonly settings: DashboardSettings;
  readonly walks: KeyWalks;
  readonly feed: LiveFeed;
  readonly warming: WarmingBinder;
}

/** The cache that was asked about. */
export interface Asked {
  readonly name: string;
  readonly cache: NamedCache;
  readonly wishes: Wishes;
}

type Reading = 'keys' | 'key' | 'history' | 'coverage' | 'warm-ups' | 'findings';
type Answers = {
  readonly [R in Reading]: (asked: Asked, parts: RouteParts) => Awaited<Answer<R>> | Promise<Answer<R>>;
};
type Answer<R extends Reading> = Routes[R]['answer'];

const MOST_KEYS = 500;
const MOST_ROWS = 1_000;
const USUAL = 100;

/** The routes that change nothing. */
export const READS: Answers = {
  keys: ({ cache, wishes }, { walks }) =>
    walks.page(cache, {
      pattern: wishes.text('pattern'),
      limit: wishes.whole('limit', USUAL, { max: MOST_KEYS }),
      after: wishes.text('after'),
    }),
  key: (asked, parts) => detailsOf(asked, parts, asked.wishes.needed('key')),
  history: ({ cache, wishes }) => {
    const [tag, key] = [wishes.text('tag'), wishes.text('key')];
    return cache.invalidation.history({
      ...(tag !== undefined && { tag }),
      ...(key !== undefined && { key }),
      since: wishes.whole('since', 0, { min: 0, max: Number.MAX_SAFE_INTEGER }),
      limit: wishes.whole('limit', USUAL, { max: MOST_ROWS }),
    });
  },
  coverage: ({ cache }) => cache.invalidation.coverage(),
  'warm-ups': ({ name }, { feed }) => feed.board(name).rows(),
  findings: ({ cache, wishes }) =>
    cache.invalidation.inconsistencies({ limit: wishes.whole('limit', USUAL, { max: MOST_ROWS }) }),
};

/** All that is known of a key, and what may be shown of its value. Three or four round trips. @throws InvalidKeyError */
export async function detailsOf(
  { name, cache }: Pick<Asked, 'name' | 'cache'>,
  { settings, warming }: Pick<RouteParts, 'settings' | 'warming'>,
  text: string,
): Promise<KeyDetails> {
  const key = keyIn(cache, text);
  const explanation = await cache.runtime.explain(key);
  const value = await shownValue(cache.runtime, key, explanation, settings.showValue);
  return { explanation, value, hasLoader: warming.of(name)?.loaders.named(key.name) !== undefined };
}

/** The key that a name stands for in a cache. @throws InvalidKeyError */
export function keyIn({ options }: NamedCache, text: string): CacheKey {
  return new KeyRegistry(options.templates, options.indexedPatterns).resolve(text);
}
