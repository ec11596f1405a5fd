import type { AbstractHttpAdapter } from '@nestjs/core';
import type { HttpRequest } from './request-parts.js';

/** What Express and Fastify responses have in common here. */
interface HttpResponse {
  readonly statusCode: number;
  getHeaders(): Readonly<Record<string, unknown>>;
}

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
    const current = [this.#header('vary') ?? []].flat();
    const given = current
      .join(',')
      .split(',')
      .map((name) => name.trim().toLowerCase());
    if (given.includes('*') || names.length === 0) return;
    this.setHeader('Vary', [...new Set([...given.filter(Boolean), ...names])].join(', '));
  }

  /** Whether the client has what `etag` names (RFC 9110, 13.1.2: weak comparison). */
  matches(etag: string): boolean {
    const condition = this.#requestHeader('if-none-match');
    if (condition === undefined || this.response.statusCode !== 200) return false;
    const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
    return condition.trim() === '*' || condition.split(',').some((tag) => opaque(tag) === opaque(etag));
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
    return this.response.getHeaders()[name.toLowerCase()] as string | readonly string[] | undefined;
  }
}
