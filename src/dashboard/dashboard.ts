import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { DEFAULT_CACHE } from '../cache/cache-events.js';
import { PROCESS_START } from '../primitives/clock.js';
import { Door } from './access/door.js';
import type { DashboardSettings } from './dashboard-options.js';
import { PageFiles } from './http/page-files.js';
import type { WebExchange } from './http/web-exchange.js';
import { KeyWalks } from './keys/key-walks.js';
import { LiveFeed } from './live/live-feed.js';
import type { Watched } from './live/live-session.js';
import { problemOf, Refused } from './problems.js';
import { dryRun, invalidate, reload } from './routes/changes.js';
import { Doctor } from './routes/doctor.js';
import { type Asked, READS, type RouteParts } from './routes/reads.js';
import { Wishes } from './routes/wishes.js';
import { ASSETS, COMMAND_LINE, packageVersion } from './surroundings.js';

/** The share of reads that are to be hits, by the guide. */
const TARGET = 0.8;
const PAGE = 'page';

type Posted = (exchange: WebExchange, asked: Asked) => Promise<unknown>;

/** What is behind the routes of the page. */
export class Dashboard implements OnModuleDestroy {
  readonly #door: Door;
  readonly #files = new PageFiles(ASSETS);
  /** The pages that are open. */
  readonly feed: LiveFeed;
  readonly #parts: RouteParts;
  readonly #posts: ReadonlyMap<string, Posted>;

  constructor(
    settings: DashboardSettings,
    private readonly watched: Watched,
  ) {
    const { clock, warming } = watched;
    this.#door = new Door(settings);
    this.feed = new LiveFeed(watched, standingOf(settings));
    this.#parts = { settings, warming, feed: this.feed, walks: new KeyWalks() };
    const doctor = new Doctor(COMMAND_LINE, () => clock.now());
    this.#posts = new Map<string, Posted>([
      ['dry-run', (_, asked) => dryRun(asked)],
      ['doctor', () => doctor.examine()],
      ['invalidate', (exchange, asked) => this.#change(exchange, asked, invalidate)],
      ['reload', (exchange, asked) => this.#change(exchange, asked, reload)],
    ]);
  }

  /** Called by Nest, before the HTTP server closes. */
  onModuleDestroy(): void {
    this.feed.close();
  }

  /**
   * The page. Its files are named relative to it, so it is only where a slash comes before them. For Fastify a path with a
   * slash at its end is another one, which Nest gives nobody: so there the page has a name.
   */
  page(exchange: WebExchange): Promise<void> {
    return answered(exchange, () => {
      this.#door.check(exchange);
      const { originalUrl, url } = exchange.request;
      const path = (originalUrl ?? url).split('?')[0] as string;
      const name = exchange.isFastify ? PAGE : '';
      const location = `${path.slice(path.lastIndexOf('/') + 1)}/${name}`;
      if (path.endsWith('/')) this.#files.index(exchange);
      else exchange.send(302, '', { Location: location, 'Cache-Control': 'no-store' });
    });
  }

  /** A file of the page. */
  asset(exchange: WebExchange, name: string): Promise<void> {
    return answered(exchange, () => {
      this.#door.check(exchange);
      this.#files.asset(exchange, name);
    });
  }

  /** What is only looked at. */
  read(exchange: WebExchange, what: string): Promise<void> {
    return answered(exchange, async () => {
      if (what === PAGE) this.#named(exchange);
      else if (what === 'stream') this.#stream(exchange);
      else await this.#read(exchange, what);
    });
  }

  /** What is posted. */
  post(exchange: WebExchange, what: string): Promise<void> {
    return answered(exchange, async () => {
      this.#door.checkPosted(exchange);
      const work = this.#posts.get(what);
      if (!work) throw nothing();
      exchange.json(await work(exchange, this.#asked(exchange, new Wishes(exchange.request.body))));
    });
  }

  #named(exchange: WebExchange): void {
    this.#door.check(exchange);
    this.#files.index(exchange);
  }

  #stream(exchange: WebExchange): void {
    this.#door.checkData(exchange);
    // Whoever only asks what the stream is like would otherwise be told of it for ever.
    if (exchange.request.method === 'HEAD') exchange.send(200, '', { 'Content-Type': 'text/event-stream' });
    else this.feed.enter(exchange, this.#door.visitor(exchange));
  }

  async #read(exchange: WebExchange, what: string): Promise<void> {
    this.#door.checkData(exchange);
    if (!Object.hasOwn(READS, what)) throw nothing();
    const wishes = new Wishes(exchange.request.query ?? {});
    exchange.json(await READS[what as keyof typeof READS](this.#asked(exchange, wishes), this.#parts));
  }

  async #change(
    exchange: WebExchange,
    asked: Asked,
    change: (changing: Asked & { readonly visitor: string }, parts: RouteParts) => Promise<unknown>,
  ): Promise<unknown> {
    this.#door.checkChange();
    return change({ ...asked, visitor: this.#door.visitor(exchange) }, this.#parts);
  }

  /** @throws InvalidOptionError for a name that no cache has */
  #asked({ request }: WebExchange, wishes: Wishes): Asked {
    const name = new Wishes(request.query ?? {}).text('cache') ?? DEFAULT_CACHE;
    return { name, wishes, cache: this.watched.caches.get(name, 'cache') };
  }
}

function standingOf({ readOnly, showValue }: DashboardSettings): ConstructorParameters<typeof LiveFeed>[1] {
  const values = showValue === 'never' ? 'never' : showValue ? 'redacted' : 'plain';
  return { version: packageVersion(), startedAt: PROCESS_START, readOnly, values, target: TARGET };
}

/** Whatever goes wrong is answered: an error of ours with what it says, any other with nothing of its own. */
async function answered(exchange: WebExchange, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const problem = problemOf(error);
    if (problem.status === 500) new Logger('Cache').error('The dashboard could not answer', error);
    exchange.problem(problem);
  }
}

function nothing(): Refused {
  return new Refused(404, 'NOT_FOUND', 'The dashboard has no such route.');
}
