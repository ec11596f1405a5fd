import { createServer, type Server } from 'node:http';
import { isSecret } from '../primitives/secrets.js';
import type { Exposition } from './exposition.js';

/** Serves metrics at a port of their own, so that they need not be where the public comes in. */
export class MetricsServer {
  readonly #server: Server;

  constructor(
    path: string,
    isAllowed: (authorization: string | undefined) => boolean,
    read: (accept: string | undefined) => Promise<Exposition>,
  ) {
    this.#server = createServer((request, response) => {
      const isThere = request.method === 'GET' && request.url?.split('?')[0] === path;
      if (!isThere) return void response.writeHead(404).end();
      if (!isAllowed(request.headers.authorization))
        return void response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end();
      void read(request.headers.accept).then(
        ({ contentType, body }) =>
          response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(body),
        () => response.writeHead(500).end(),
      );
    });
  }

  /** Rejects when the port is taken. */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(port, () => {
        resolve();
      });
    });
  }

  /** The port it listens at. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

/** Whether an `Authorization` header carries the token; everyone is allowed where there is none to carry. In constant time. */
export function allows(token: string | undefined, authorization: string | undefined): boolean {
  return token === undefined || isSecret(`Bearer ${token}`, authorization ?? '');
}
