import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { Backend } from '../../app/support/backend.js';
import { run, TREE } from '../../guards/sandbox.js';
import { RedisServer } from '../../support/redis-server.js';
import { requireChromium } from './chromium.js';
import { Traffic } from './traffic.js';

/** How a page is looked at. */
export interface Look {
  readonly colours: 'light' | 'dark';
  readonly width: number;
}

/** A page that is open, and what its console has complained of. */
export interface Opened {
  readonly page: Page;
  readonly complaints: readonly string[];
}

const DESK: Look = { colours: 'light', width: 1280 };

/** The reference backend on a Redis of its own, under traffic, and a browser. */
export class Stage {
  private constructor(
    readonly redis: RedisServer,
    readonly backend: Backend,
    readonly traffic: Traffic,
    readonly base: string,
    private readonly browser: Browser,
  ) {}

  static async set(): Promise<Stage> {
    const [redis, browser, built] = await Promise.all([
      RedisServer.start(),
      // Chromium's own sandbox does not start for root, and in few containers.
      chromium.launch({ executablePath: requireChromium(), args: ['--no-sandbox'] }),
      run(TREE, 'npm', ['run', '--silent', 'build:page']),
    ]);
    if (built.code !== 0) throw new Error(built.output);
    const backend = await Backend.start({ REDIS_URL: redis.url, SYNTHETIC_RUNS: '20000' });
    await backend.app.listen(0, '127.0.0.1');
    const url = await backend.app.getUrl();
    const traffic = await Traffic.begin(`${url}/api/v1`);
    return new Stage(redis, backend, traffic, `${url}/api/v1/cache/`, browser);
  }

  /** The page at a view, with figures in it. */
  async open(view = 'overview', { colours, width }: Look = DESK): Promise<Opened> {
    const context = await this.browser.newContext({ colorScheme: colours, viewport: { width, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${this.base}#${view}`);
    await page.getByRole('tablist').waitFor();
    return { page, complaints };
  }

  async end(): Promise<void> {
    await this.browser.close();
    await this.traffic.end();
    await this.backend.stop();
    await this.redis.stop();
  }
}

/** A stage for the tests of the file that calls this. Only to be asked while they run. */
export function stageOfSuite(): { readonly stage: Stage } {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await Stage.set();
  });
  afterAll(() => stage?.end());
  return {
    get stage() {
      if (!stage) throw new Error('The stage is set before the tests of the file only');
      return stage;
    },
  };
}
