import type { HttpRequest } from './request-parts.js';

/** How HTTP answers are cached, for all routes with `CacheResponse`. */
export interface HttpCacheOptions {
  /**
   * Who may send `Shadower-Cache: skip` (answered without the cache) and `Shadower-Cache: refresh` (loaded anew for
   * everybody). Asked only when that header is there. @default nobody
   */
  readonly operator?: (request: HttpRequest) => boolean | Promise<boolean>;
  /** Whether `Cache-Control: no-cache` of a client loads anew, for everybody. Clients can then have the source asked at will. @default false */
  readonly clientNoCache?: boolean;
}

/** {@link HttpCacheOptions} with nothing left to default. */
export type ResolvedHttpOptions = Readonly<Required<HttpCacheOptions>>;

const DEFAULTS: ResolvedHttpOptions = Object.freeze({ operator: () => false, clientNoCache: false });

/** Fills in defaults. */
export function resolveHttp(options: HttpCacheOptions = {}): ResolvedHttpOptions {
  return Object.freeze({ ...DEFAULTS, ...options });
}
