import type { CacheKey } from '../../keys/key.js';
import { ENTITIES } from '../../keys/entity-tags.js';
import type { KeyTemplate } from '../../keys/template.js';
import { CacheError, InvalidOptionError } from '../../primitives/errors.js';
import { checkedNames } from '../methods/method-key.js';
import { checkPart, type HttpRequest, type RequestPart, segmentOf } from './request-parts.js';

/** Why a request is answered without the cache. */
export type Bypass = 'method' | 'query' | 'tenant' | 'key';

/** What a route says of its key. */
export interface ResponseKeyOptions {
  readonly key: Readonly<Record<string, RequestPart>>;
  readonly ignoreQuery: readonly string[];
  readonly public: boolean;
}

/** Makes the keys of one route from named parts of its requests; the URL as such is never part of it. */
export class ResponseKey {
  /** The headers that the answer varies with. */
  readonly vary: readonly string[];
  readonly #parts: readonly (readonly [string, RequestPart])[];
  readonly #verbatim: ReadonlySet<string>;
  readonly #query: ReadonlySet<string>;

  /** @throws InvalidOptionError where a parameter is not supplied, or nobody said whose answers these are */
  constructor(
    private readonly template: KeyTemplate,
    options: ResponseKeyOptions,
    where: string,
  ) {
    this.#parts = checkedParts(template, options, where);
    const parts = this.#parts.map(([, part]) => part);
    this.#verbatim = entityParameters(template.template);
    this.#query = new Set([...namesOf(parts, 'query'), ...options.ignoreQuery]);
    // A browser keeps private answers, and must not show one user's to the next.
    this.vary = [...namesOf(parts, 'header'), ...(options.public ? [] : ['authorization', 'cookie'])];
  }

  /** The key of a request, or why there is none. */
  of(request: HttpRequest): CacheKey | Bypass {
    if (request.method !== 'GET' && request.method !== 'HEAD') return 'method';
    // The handler may read what the key does not name: then one request's answer would be another's.
    if (!Object.keys(request.query ?? {}).every((name) => this.#query.has(name))) return 'query';
    const parameters: Record<string, string> = {};
    for (const [parameter, part] of this.#parts) {
      const segment = segmentOf(part, request, this.#verbatim.has(parameter));
      if (segment === undefined) return part.kind === 'tenant' ? 'tenant' : 'key';
      parameters[parameter] = segment;
    }
    return this.#filledIn(parameters);
  }

  #filledIn(parameters: Readonly<Record<string, string>>): CacheKey | Bypass {
    try {
      return this.template(parameters);
    } catch (error) {
      // Of an unknown timeframe, or too long: the handler tells the client.
      if (CacheError.is(error) && error.family === 'usage') return 'key';
      throw error;
    }
  }
}

function checkedParts(
  template: KeyTemplate,
  options: ResponseKeyOptions,
  where: string,
): readonly (readonly [string, RequestPart])[] {
  const names = checkedNames(template, Object.keys(options.key), where);
  for (const name of names) checkPart(`key.${name} of ${where}`, options.key[name]);
  const parts = names.map((name) => [name, options.key[name] as RequestPart] as const);
  const entities = entityParameters(template.template);
  for (const [name, { options: part }] of parts)
    if (part.many && entities.has(name))
      throw new InvalidOptionError(
        `key.${name} of ${where}`,
        'given once: an event names one entity, not a list',
        'many',
      );
  const hasTenant = parts.some(([, { kind }]) => kind === 'tenant');
  if (hasTenant !== options.public) return parts;
  throw new InvalidOptionError(
    `the key of ${where}`,
    'made with fromTenant, or else public: true: one user’s answer must not reach another',
    hasTenant ? 'both' : 'neither',
  );
}

function namesOf(parts: readonly RequestPart[], kind: RequestPart['kind']): string[] {
  return parts.filter((part) => part.kind === kind).map(({ name }) => name);
}

/** The parameters that name an entity. An id that had to be hashed would carry a tag that no event names. */
function entityParameters(template: string): ReadonlySet<string> {
  const segments = template.split(':');
  const isEntity = (segment: string | undefined): boolean => ENTITIES.some((entity) => entity === segment);
  return new Set(segments.filter((_, i) => isEntity(segments[i - 1])).map((segment) => segment.slice(1, -1)));
}
