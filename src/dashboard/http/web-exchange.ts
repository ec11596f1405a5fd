import type { ServerResponse } from 'node:http';
import type { WireProblem } from '../contract.js';

/** What Express and Fastify requests have in common here. */
export interface WebRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly url: string;
  /** With the prefix and the path of the module, where `url` may be without. */
  readonly originalUrl?: string;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** What only Fastify's responses have. */
interface FastifyReply {
  hijack(): unknown;
  readonly raw: ServerResponse;
}

/** What no answer of ours is without. Scripts, styles and requests are of this origin only, and nobody may frame it. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/**
 * One request and its response, on either adapter. Answers are written to the socket's own response: interceptors that
 * wrap every answer of an application would break what the page expects.
 */
export class WebExchange {
  readonly #response: ServerResponse;
  readonly isFastify: boolean;

  constructor(
    readonly request: WebRequest,
    response: unknown,
  ) {
    const given = response as ServerResponse | FastifyReply;
    this.isFastify = 'hijack' in given;
    this.#response = taken(given);
    for (const [name, value] of Object.entries(HEADERS)) this.#response.setHeader(name, value);
  }

  /** Whether the client has gone, as it may while guards decide: nothing more is heard of it then. */
  get isGone(): boolean {
    return this.#response.closed || this.#response.destroyed;
  }

  /** A header of the request; of one that came twice the first. */
  header(name: string): string | undefined {
    return [this.request.headers[name]].flat()[0];
  }

  json(body: unknown, status = 200): void {
    this.send(status, JSON.stringify(body), {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
    });
  }

  problem(problem: WireProblem): void {
    if (this.#response.headersSent) return void this.#response.end();
    if (problem.status === 401) this.#response.setHeader('WWW-Authenticate', 'Basic realm="cache", charset="UTF-8"');
    const headers = { 'Content-Type': 'application/problem+json; charset=utf-8', 'Cache-Control': 'no-store' };
    this.send(problem.status, JSON.stringify(problem), headers);
  }

  send(status: number, body: string | Buffer, headers: Readonly<Record<string, string>>): void {
    const length = Buffer.byteLength(body);
    const isBodiless = this.request.method === 'HEAD' || status === 304;
    this.#response.writeHead(status, status === 304 ? headers : { ...headers, 'Content-Length': length });
    this.#response.end(isBodiless ? undefined : body);
  }

  /** Begins an answer that goes on, and has no end of its own. Compressing proxies must not wait for more of it. */
  stream(): ServerResponse {
    this.#response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    this.#response.flushHeaders();
    return this.#response;
  }
}

function taken(response: ServerResponse | FastifyReply): ServerResponse {
  if (!('hijack' in response)) return response;
  response.hijack();
  return response.raw;
}
