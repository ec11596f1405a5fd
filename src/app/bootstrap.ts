import { Logger, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { BootLogger } from './boot-logger.js';
import { Environment } from './config/environment.js';
import { EnvironmentModule, type Overrides } from './config/environment.module.js';
import { Database } from './database/database.js';
import { serveApiDocs } from './http/api-docs.js';
import { validationPipe } from './http/validation.js';

/** How the application differs from the one that `npm start` runs. */
export interface AppOptions {
  /** Variables that stand in for those of the process. */
  readonly environment?: Overrides;
  readonly logger?: LoggerService | false;
}

/** The application, ready to listen or to be tested. What can be wrong with the configuration is found before Nest starts. */
export async function createApp({
  environment: overrides = {},
  logger = new BootLogger(),
}: AppOptions = {}): Promise<NestExpressApplication> {
  const environment = await EnvironmentModule.read(overrides);
  const database = await Database.open(environment.DUCKDB_PATH);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(environment, database), {
    abortOnError: false,
    logger,
  });
  app.disable('x-powered-by');
  app.setGlobalPrefix('api/v1');
  app.useGlobalPipes(validationPipe());
  app.useBodyParser('json', { limit: '1mb' });
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  serveApiDocs(app);
  return app;
}

/** Starts the backend of this process's environment. */
export async function start(): Promise<void> {
  const app = await createApp();
  await app.listen(app.get(Environment).PORT);
  const url = await app.getUrl();
  new Logger('Backend').log(
    `Agent analytics on ${url.replace('[::1]', 'localhost')}/api/v1 (description: /api/v1/docs, metrics: /api/v1/metrics, cache: /api/v1/cache)`,
  );
}
