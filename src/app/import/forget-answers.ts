import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { CacheModule, cacheOptionsFrom, InvalidationService } from '../../index.js';
import type { Environment } from '../config/environment.js';

/** A person waits at the terminal: some three seconds, then they hear of it. */
const RETRY = { attempts: 4, baseMs: 200 };

@Module({})
class ForgetModule {}

/** What was cached of the data before an import is wrong now, in Redis and in every instance that shares it. Says what was done. */
export async function forgetAnswers(environment: Environment): Promise<string> {
  const { redis, ...options } = cacheOptionsFrom(environment);
  if (redis === undefined) return '';
  const cache = CacheModule.forRoot({ ...options, redis: { ...redis, retry: RETRY, failFast: true } });
  const root = { module: ForgetModule, imports: [EventEmitterModule.forRoot(), cache] };
  try {
    const context = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    const { acknowledged } = await context.get(InvalidationService).all({ cause: 'import' });
    await context.close();
    return acknowledged ? 'Answers cached before the import were invalidated.' : untold('it did not acknowledge');
  } catch (error) {
    return untold(error instanceof Error ? error.message : String(error));
  }
}

function untold(why: string): string {
  return `Redis was not told of the import (${why}): answers cached before it may be served until their TTL ends.`;
}
