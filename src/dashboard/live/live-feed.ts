import type { WebExchange } from '../http/web-exchange.js';
import { Refused } from '../problems.js';
import type { Snapshot } from '../contract.js';
import { Client } from './client.js';
import { LiveSession, type Watched } from './live-session.js';
import { WarmUpBoard } from './warm-up-board.js';

/** What every page is told once. */
export type Standing = Pick<Snapshot, 'version' | 'startedAt' | 'readOnly' | 'values' | 'target'>;

const MOST_CLIENTS = 50;

/** The stream of all pages that are open. Without one nothing is watched, counted or timed here. */
export class LiveFeed {
  readonly #clients = new Set<Client>();
  #session: LiveSession | undefined;
  #isClosed = false;

  constructor(
    private readonly watched: Watched,
    private readonly standing: Standing,
  ) {}

  /** How many pages are open. */
  get clients(): number {
    return this.#clients.size;
  }

  /** Whether anything is watched. */
  get isWatching(): boolean {
    return this.#session !== undefined;
  }

  /** Streams to whoever asks until he goes. @throws Refused where there are too many, or the process ends */
  enter(exchange: WebExchange, visitor: string): void {
    if (exchange.isGone) return;
    if (this.#isClosed) throw new Refused(503, 'CLOSING', 'This instance is being shut down.');
    if (this.#clients.size >= MOST_CLIENTS)
      throw new Refused(503, 'TOO_MANY_PAGES', `${MOST_CLIENTS} pages are open already; close one.`);
    this.#session ??= new LiveSession(this.watched, (message) => this.#tell(message));
    const begin = (client: Client): void => this.#begin(client);
    const client = new Client(exchange.stream(), visitor, begin, (gone) => this.#left(gone));
    this.#clients.add(client);
    begin(client);
  }

  /** Where the warm-ups of a cache are: what is counted only, while no page is open. */
  board(name: string): WarmUpBoard {
    const { caches, warming } = this.watched;
    return this.#session?.board(name) ?? new WarmUpBoard(caches.get(name), () => warming.of(name)?.plans ?? []);
  }

  /** Ends every stream: a server does not close before they are. */
  close(): void {
    this.#isClosed = true;
    for (const client of this.#clients) client.end();
    this.#clients.clear();
    this.#rest();
  }

  #begin(client: Client): void {
    if (!this.#session) return;
    client.tell('snapshot', { ...this.standing, visitor: client.visitor, ...this.#session.snapshot() });
  }

  #left(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.#rest();
  }

  #rest(): void {
    this.#session?.end();
    this.#session = undefined;
  }

  #tell(message: string): void {
    for (const client of this.#clients) client.tellText(message);
  }
}
