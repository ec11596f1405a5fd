import type { AbstractHttpAdapter } from '@nestjs/core';
import type { HttpRequest } from './request-parts.js';

/** What Express and Fastify responses have in common here. */
interface HttpResponse {
  readonly statusCode: number;
  getHeaders(): Readonly<Record<string, unknown>>;
  getHeader(name: string): unknown;
}

/** What only Fastify's have. */
interface FastifyReply extends HttpResponse {
  header(name: string, value: string): unknown;
  serializer(serialize: (payload: unknown) => string | Buffer): unknown;
}

/** What only Express's have. */
interface ExpressResponse extends HttpResponse {
  readonly app: { get(setting: string): unknown };
  json(body: unknown): unknown;
  send(body: Buffer): unknown;
  setHeader(name: string, value: string): unknown;
}

const JSON_TYPE = 'application/json; charset=utf-8';
/** Settings of Express that change how JSON is written. */
const JSON_SETTINGS = ['json replacer', 'json spaces', 'json escape'];

/** One request and its response, on either adapter. */
export class HttpExchange {
  constructor(
    private readonly adapter: AbstractHttpAdapter,
    readonly request: HttpRequest,
    private readonly response: HttpResponse,
  ) {}

  /** Sets a header; `unlessSet` leaves one alone that somebody else has set. */
  setHeader(name: string, value: string, unlessSet = false): void {
    if (this.adapter.isHeadersSent(this.response)) return;
    if (unlessSet && this.#header(name) !== undefined) return;
    this.adapter.setHeader(this.response, name, value);
  }

  /** Adds names of headers to `Vary`. */
  vary(names: readonly string[]): void {
    if (names.length === 0) return;
    const current = [this.#header('vary') ?? []].flat();
    const given = current
      .join(',')
      .split(',')
      .map((name) => name.trim().toLowerCase());
    if (given.includes('*')) return;
    this.setHeader('Vary', [...new Set([...given.filter(Boolean), ...names])].join(', '));
  }

  /** Whether the client has what `etag` names (RFC 9110, 13.1.2: weak comparison). */
  matches(etag: string): boolean {
    const condition = this.#requestHeader('if-none-match');
    if (condition === undefined || this.response.statusCode !== 200) return false;
    const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
    return condition.trim() === '*' || condition.split(',').some((tag) => opaque(tag) === opaque(etag));
  }

  /**
   * Has `bytes` sent when the adapter is given `body` to answer with, that very object: an interceptor before this one
   * may still put another in its place. Nothing is changed where the application has its own way of writing JSON.
   */
  sendAs(body: unknown, bytes: () => Buffer): void {
    if (typeof body !== 'object' || body === null) return;
    if (isFastify(this.response)) {
      sendFromFastify(this.response, body, bytes);
    } else if (isExpress(this.response)) sendFromExpress(this.response, body, bytes);
  }

  /** Answers that the client has it already. */
  notModified(): void {
    this.adapter.status(this.response, 304);
  }

  /** Whether the client asked for an answer that is not from a cache. */
  get asksForNew(): boolean {
    const directives = this.#requestHeader('cache-control') ?? this.#requestHeader('pragma') ?? '';
    return /(^|[\s,])(no-cache|max-age=0)(?=$|[\s,])/.test(directives.toLowerCase());
  }

  /** What an operator may ask of the cache. */
  get wish(): string | undefined {
    return this.#requestHeader('shadower-cache')?.toLowerCase();
  }

  /** What a hit could not tell again: status and headers, as they are now. */
  get state(): string {
    return JSON.stringify([this.response.statusCode, this.response.getHeaders()]);
  }

  #requestHeader(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  #header(name: string): string | readonly string[] | undefined {
    return this.response.getHeader(name) as string | readonly string[] | undefined;
  }
}

function isFastify(response: HttpResponse): response is FastifyReply {
  return 'serializer' in response;
}

function isExpress(response: HttpResponse): response is ExpressResponse {
  return 'json' in response && 'app' in response;
}

function sendFromFastify(reply: FastifyReply, body: object, bytes: () => Buffer): void {
  // Fastify adds a charset to the type of a route, and does not once there is a serializer.
  if (reply.getHeader('content-type') !== undefined) return;
  reply.serializer((payload) => {
    if (reply.getHeader('content-type') === undefined) reply.header('content-type', JSON_TYPE);
    return payload === body ? bytes() : JSON.stringify(payload);
  });
}

function sendFromExpress(response: ExpressResponse, body: object, bytes: () => Buffer): void {
  if (JSON_SETTINGS.some((setting) => response.app.get(setting))) return;
  const json = response.json.bind(response);
  response.json = (given) => {
    if (given !== body) return json(given);
    if (response.getHeader('content-type') === undefined) response.setHeader('Content-Type', JSON_TYPE);
    return response.send(bytes());
  };
}
