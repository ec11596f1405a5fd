import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { Backend } from '../../app/support/backend.js';
import { RedisServer } from '../../support/redis-server.js';
import { requireChromium } from './chromium.js';
import { Traffic } from './traffic.js';

/** A page that is open, and what its console has complained of. */
export interface Opened {
  readonly page: Page;
  readonly complaints: readonly string[];
}

interface Parts {
  readonly redis: RedisServer;
  readonly backend: Backend;
  readonly traffic: Traffic;
  readonly browser: Browser;
}

/** The reference backend on a Redis of its own, under traffic, and a browser. */
export class Stage {
  private constructor(
    /** Where the API is. */
    readonly url: string,
    private readonly parts: Parts,
  ) {}

  static async set(): Promise<Stage> {
    const [redis, browser] = await Promise.all([
      RedisServer.start(),
      // Chromium's own sandbox does not start for root, and in few containers.
      chromium.launch({ executablePath: requireChromium(), args: ['--no-sandbox'] }),
    ]);
    const backend = await Backend.start({ REDIS_URL: redis.url, SYNTHETIC_RUNS: '20000' });
    await backend.app.listen(0, '127.0.0.1');
    const url = `${await backend.app.getUrl()}/api/v1`;
    return new Stage(url, { redis, browser, backend, traffic: await Traffic.begin(url) });
  }

  get redis(): RedisServer {
    return this.parts.redis;
  }

  get backend(): Backend {
    return this.parts.backend;
  }

  get traffic(): Traffic {
    return this.parts.traffic;
  }

  /** The page at a view, with figures in it. */
  async open(view = 'overview'): Promise<Opened> {
    const viewport = { width: 1280, height: 900 };
    const context = await this.parts.browser.newContext({ colorScheme: 'light', viewport });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${this.url}/cache/#${view}`);
    await page.getByRole('tablist').waitFor();
    return { page, complaints };
  }

  async end(): Promise<void> {
    await this.parts.browser.close();
    await this.parts.traffic.end();
    await this.parts.backend.stop();
    await this.parts.redis.stop();
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
