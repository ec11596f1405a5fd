import { applyDecorators, RequestMethod, SetMetadata, UseInterceptors } from '@nestjs/common';
import type { KeyTemplate, ParameterNames } from '../../keys/template.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { LoadOptions } from '../call-options.js';
import { declare, type InCache, inCache } from '../methods/method-metadata.js';
import { placeOf } from '../methods/method-wrapper.js';
import { CacheResponseInterceptor } from './cache-response.interceptor.js';
import type { RequestPart } from './request-parts.js';
import { ResponseKey } from './response-key.js';
import { type CachedRoute, CACHED_ROUTE } from './cached-route.js';

/** Options of {@link CacheResponse}. */
export interface CacheResponseOptions<T extends string> extends LoadOptions, InCache {
  /** Where each parameter of the template comes from. */
  readonly key: { readonly [N in ParameterNames<T>]: RequestPart };
  /** Says that everybody may get the same answer. Needed where no part of the key is a `fromTenant`. @default false */
  readonly public?: boolean;
  /** Parameters of the query that do not change the answer, such as `utm_source`. @default none */
  readonly ignoreQuery?: readonly string[];
  /**
   * Has browsers and proxies ask each time, which costs a 304 when nothing has changed: `Cache-Control: no-cache`. No
   * invalidation reaches what they keep otherwise. @default false: `max-age` from TTL, `stale-while-revalidate` from grace
   */
  readonly revalidate?: boolean;
}

/**
 * Caches the answers of a GET route, after its guards, under a key of named parts of the request. Answered with
 * `Cache-Status` (RFC 9211), `Age`, `ETag`, `Cache-Control` and `Vary`; 304 where the client has the answer. HEAD is
 * answered from what GET has cached. Errors, streams, and answers whose handler sets headers or the status by itself are
 * not cached; nor are requests with a parameter of the query that no part names.
 * @throws InvalidOptionError when the class is defined: where a parameter is not supplied, neither `public` nor a
 *   `fromTenant` says whose the answers are, or the template has a `schema` or `migrate`, which are for values
 */
export function CacheResponse<const T extends string>(
  template: KeyTemplate<T>,
  options: CacheResponseOptions<T>,
): MethodDecorator {
  return (prototype, name, descriptor) => {
    const where = placeOf(prototype, name);
    const route = routeOf(template, options, where);
    const verify = (): void => {
      checkMethod(descriptor.value as object, where);
    };
    const caches = { template, family: template.family, options: route.load, by: 'route' } as const;
    declare(prototype, { where, method: String(name), ...inCache(route), caches, verify });
    applyDecorators(SetMetadata(CACHED_ROUTE, route), UseInterceptors(CacheResponseInterceptor))(
      prototype,
      name,
      descriptor,
    );
  };
}

function routeOf(template: KeyTemplate, options: CacheResponseOptions<string>, where: string): CachedRoute {
  const { key, public: isPublic = false, ignoreQuery = [], revalidate = false, cache, ...load } = options;
  const { schema, migrate } = template.family;
  // What is stored is an answer with its headers, which no schema of a value fits.
  if (schema ?? migrate)
    throw new InvalidOptionError(`the template of ${where}`, 'one without schema and migrate', template.template);
  return {
    key: new ResponseKey(template, { key, ignoreQuery, public: isPublic }, where),
    family: template.family,
    isPublic,
    revalidate,
    load,
    ...(cache !== undefined && { cache }),
  };
}

const METHODS = [RequestMethod.GET, RequestMethod.HEAD, RequestMethod.ALL];

function checkMethod(handler: object, where: string): void {
  const method = Reflect.getMetadata('method', handler) as RequestMethod | undefined;
  const isEventStream = Reflect.getMetadata('__sse__', handler) === true;
  if (method !== undefined && METHODS.includes(method) && !isEventStream) return;
  throw new InvalidOptionError(
    `the route ${where} with CacheResponse`,
    'a GET route of a controller, and no @Sse()',
    method === undefined ? 'no route' : isEventStream ? '@Sse()' : RequestMethod[method],
  );
}
