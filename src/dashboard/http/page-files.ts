import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Refused } from '../problems.js';
import type { WebExchange } from './web-exchange.js';

interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Whether its name tells what is in it, so that what has this name never changes. */
  readonly isImmutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
/** As the bundler writes it: `page-3KQ5ZC2B.js`. */
const HASHED = /-[A-Z0-9]{8}\.[a-z]+$/;
const INDEX = 'index.html';

/** The files of the page, read once when the first is asked for: whoever never opens it has none of them in memory. */
export class PageFiles {
  #files: ReadonlyMap<string, PageFile> | undefined;

  constructor(private readonly folder: string) {}

  /** The page itself. @throws Refused where it was not built */
  index(exchange: WebExchange): void {
    this.#send(exchange, INDEX, 'It was not built: npm run build makes it in dist/dashboard/assets.');
  }

  /** One of its files. @throws Refused for one that there is not */
  asset(exchange: WebExchange, name: string): void {
    this.#send(exchange, name, 'The page has no such file.');
  }

  #send(exchange: WebExchange, name: string, otherwise: string): void {
    this.#files ??= readFiles(this.folder);
    const file = this.#files.get(name);
    if (!file) throw new Refused(404, 'NOT_FOUND', otherwise);
    const { bytes, type, etag, isImmutable } = file;
    const lifetime = isImmutable ? 'private, max-age=31536000, immutable' : 'no-cache';
    const isKnown = (exchange.header('if-none-match') ?? '').split(',').some((tag) => tag.trim() === etag);
    const headers = { ETag: etag, 'Cache-Control': lifetime };
    if (isKnown) exchange.send(304, '', headers);
    else exchange.send(200, bytes, { ...headers, 'Content-Type': type });
  }
}

function readFiles(folder: string): ReadonlyMap<string, PageFile> {
  const names = namesIn(folder).filter((name) => TYPES[extname(name)] !== undefined);
  return new Map(names.map((name) => [name, fileOf(name, readFileSync(join(folder, name)))]));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function fileOf(name: string, bytes: Buffer): PageFile {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
  return { bytes, type: TYPES[extname(name)] as string, etag, isImmutable: HASHED.test(name) };
}
