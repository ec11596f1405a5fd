import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import type { App } from 'supertest/types.js';
import { createApp } from '../../../src/app/bootstrap.js';
import type { Overrides } from '../../../src/app/config/environment.module.js';
import { Database } from '../../../src/app/database/database.js';

/** What the process's environment may not decide in a test. */
const CALM: Overrides = {
  REDIS_URL: '',
  DUCKDB_PATH: ':memory:',
  ANALYTICS_NOW: 'now',
  SYNTHETIC_RUNS: '0',
  NODE_ENV: 'test',
};

/** An answer of the backend: its status, its headers, and its body as JSON of an unknown shape. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

/** JSON whose shape the test knows. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it has just described
export type Json = any;

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

  async get(path: string): Promise<Answer> {
    return answerOf(await request(this.server).get(`/api/v1/${path}`));
  }

  async post(path: string, body: unknown): Promise<Answer> {
    return answerOf(
      await request(this.server)
        .post(`/api/v1/${path}`)
        .send(body as object),
    );
  }

  async stop(): Promise<void> {
    await this.app.close();
  }

  get server(): App {
    return this.app.getHttpServer() as Server;
  }
}

function answerOf({ status, headers, body }: request.Response): Answer {
  return { status, headers: headers as Record<string, string>, body: body as Json };
}

/** `hit` or `miss`, as the answer's `Cache-Status` says. */
export function cacheOf(answer: Answer): string {
  const said = answer.headers['cache-status'] ?? 'nothing';
  if (/; hit/.test(said)) return 'hit';
  return /; fwd=(uri-)?miss/.test(said) ? 'miss' : said;
}
