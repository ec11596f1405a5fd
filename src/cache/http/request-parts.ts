import { createHash } from 'node:crypto';
import { InvalidOptionError } from '../../primitives/errors.js';

/** What Express and Fastify requests have in common here. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly params?: unknown;
  readonly query?: unknown;
}

/** A request after the guards, as passport and others leave it. */
export interface TenantRequest extends HttpRequest {
  readonly user?: Readonly<Record<string, unknown>>;
}

/** Reads a tenant from a request, whatever its type. */
export type ReadTenant = ((request: TenantRequest) => unknown) | ((request: never) => unknown);

/** A part of a request that an answer depends on, and so of its key. Made by `fromParam`, `fromQuery`, `fromHeader` and `fromTenant`. */
export interface RequestPart {
  readonly kind: 'param' | 'query' | 'header' | 'tenant';
  /** What it is called in the request; empty for a tenant. */
  readonly name: string;
  /** Its values in the request, as they came; `undefined` where one has a form that no key can be made of. */
  readonly valuesIn: (request: HttpRequest) => readonly string[] | undefined;
  readonly options: PartOptions;
}

/** How a part is made the same for requests that mean the same. */
export interface PartOptions {
  /** What its absence means: both make one key. @default none; absence has a key of its own */
  readonly default?: string;
  /** Whether it may be given several times, in any order; otherwise such requests are not cached. @default false */
  readonly many?: boolean;
  /** Makes values the same that mean the same, such as `(value) => value.toLowerCase()`. @default as it is */
  readonly normalize?: (value: string) => string;
}

/** A part of the route's path. */
export function fromParam(name: string, options: Omit<PartOptions, 'many'> = {}): RequestPart {
  return { kind: 'param', name, options, valuesIn: ({ params }) => valuesOf(params, name) };
}

/** A parameter of the query. Parameters that no part names make a request uncached, unless `ignoreQuery` lists them. */
export function fromQuery(name: string, options: PartOptions = {}): RequestPart {
  return { kind: 'query', name, options, valuesIn: ({ query }) => valuesOf(query, name) };
}

/** A header of the request; answered with `Vary`. */
export function fromHeader(name: string, options: PartOptions = {}): RequestPart {
  const header = name.toLowerCase();
  return { kind: 'header', name: header, options, valuesIn: ({ headers }) => valuesOf(headers, header) };
}

/**
 * Whose answer it is, from what the guards have established: `fromTenant((request) => request.user?.id)`. A request for
 * which it is `undefined`, `null` or empty is answered without the cache.
 */
export function fromTenant(read: ReadTenant): RequestPart {
  const valuesIn = (request: HttpRequest): string[] | undefined => {
    const tenant = read(request as never);
    const isGiven = (typeof tenant === 'string' && tenant !== '') || Number.isSafeInteger(tenant);
    return isGiven ? [String(tenant)] : undefined;
  };
  return { kind: 'tenant', name: '', options: {}, valuesIn };
}

/** A part's value as a segment of a key, or `undefined` where the request is not to be cached. */
export function segmentOf(part: RequestPart, request: HttpRequest, isVerbatim: boolean): string | undefined {
  const { many = false, normalize = (value: string) => value, default: standard } = part.options;
  const values = part.valuesIn(request)?.map(normalize);
  if (!values || (values.length > 1 && !many)) return undefined;
  const [first = standard] = values;
  if (many && values.length > 0) return escaped(JSON.stringify([...new Set(values)].sort()));
  if (isVerbatim) return first;
  return first === undefined ? ABSENT : escaped(first);
}

// What begins with a hyphen is never a value as it came, so that none can be chosen to look like another's hash.
const ABSENT = '-';
const PLAIN = /^[a-zA-Z0-9_.][a-zA-Z0-9_.-]{0,63}$/;

function escaped(value: string): string {
  return PLAIN.test(value) ? value : `-${createHash('sha256').update(value).digest('base64url')}`;
}

function valuesOf(source: unknown, name: string): readonly string[] | undefined {
  if (typeof source !== 'object' || source === null || !Object.hasOwn(source, name)) return [];
  const value = (source as Readonly<Record<string, unknown>>)[name];
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/** @throws InvalidOptionError for anything that is not a {@link RequestPart} */
export function checkPart(name: string, part: unknown): void {
  if (typeof part === 'object' && part !== null && 'valuesIn' in part && 'kind' in part) return;
  throw new InvalidOptionError(name, 'made by fromParam, fromQuery, fromHeader or fromTenant', part);
}
