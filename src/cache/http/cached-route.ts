import type { KeyFamily } from '../../keys/key.js';
import type { LoadOptions } from '../call-options.js';
import type { InCache } from '../methods/method-metadata.js';
import type { ResponseKey } from './response-key.js';

/** Where Nest keeps what `CacheResponse` says of a handler. */
export const CACHED_ROUTE = 'shadower:cached-route';

/** What `CacheResponse` says of one route. */
export interface CachedRoute extends InCache {
  readonly key: ResponseKey;
  readonly family: KeyFamily;
  readonly isPublic: boolean;
  readonly revalidate: boolean;
  readonly load: LoadOptions;
}
