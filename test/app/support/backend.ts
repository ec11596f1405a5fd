import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import type { App } from 'supertest/types.js';
import { createApp } from '../../../src/app/bootstrap.js';
import type { Overrides } from '../../../src/app/config/environment.module.js';
import { Database } from '../../../src/app/database/database.js';

/** What the environment of the test's process may not decide. */
const CALM: Overrides = {
  NODE_ENV: 'test',
  REDIS_URL: '',
  DUCKDB_PATH: ':memory:',
  ANALYTICS_NOW: 'now',
  SYNTHETIC_RUNS: '0',
  SYNTHETIC_SEED: '1',
};

/** An answer of the backend; `Body` is what the test expects it to be. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Body;
  readonly text: string;
}

/** What failed requests answer. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly rule: string; readonly received?: unknown }[];
}

/** The backend inside the test's process. */
export class Backend {
  private constructor(readonly app: NestExpressApplication) {}

  static async start(environment: Overrides = {}): Promise<Backend> {
    const app = await createApp({ environment: { ...CALM, ...environment }, logger: false });
    await app.init();
    return new Backend(app);
  }

  get database(): Database {
    return this.app.get(Database);
  }

  async get<Body = ProblemBody>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer<Body>> {
    return answerOf<Body>(await request(this.server).get(`/api/v1/${path}`).set(headers));
  }

  async post<Body = ProblemBody>(path: string, body: object | string): Promise<Answer<Body>> {
    return answerOf<Body>(
      await request(this.server).post(`/api/v1/${path}`).set('Content-Type', 'application/json').send(body),
    );
  }

  async stop(): Promise<void> {
    await this.app.close();
  }

  private get server(): App {
    return this.app.getHttpServer();
  }
}

function answerOf<Body>({ status, headers, body, text }: request.Response): Answer<Body> {
  return { status, headers: headers, body: body as Body, text };
}

/** `hit` or `miss`, as the answer's `Cache-Status` says. */
export function cacheOf(answer: Answer<unknown>): string {
  const said = answer.headers['cache-status'] ?? 'no Cache-Status';
  if (/^shadower; hit;/.test(said)) return 'hit';
  return /^shadower; fwd=miss;/.test(said) ? 'miss' : said;
}
