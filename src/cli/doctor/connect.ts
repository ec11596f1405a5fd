import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import {
  type AnyCacheEvent,
  CacheError,
  CacheEvents,
  type CacheEnvironment,
  CacheModule,
  cacheOptionsFrom,
  type Milliseconds,
  REDIS_CLIENT,
  type RemoteFailure,
} from '../../index.js';
import type { Clock } from '../clock.js';
import { ANSWER_LIMIT, type RawClient, Server } from './server.js';

/** A connection to close at the end. */
export interface Connection {
  readonly server: Server;
  close(): Promise<void>;
}

/** Why there is no connection. */
export type NoConnection = RemoteFailure | 'not-usable';

interface Until<T> {
  readonly clock: Clock;
  readonly limit: Milliseconds;
  readonly pick: (event: AnyCacheEvent) => T | undefined;
  readonly otherwise: T;
}

@Module({})
class DoctorModule {}

const CONNECT_LIMIT: Milliseconds = 2_500;
/** A person waits: seconds, not a minute. */
const RETRY = { attempts: 5, baseMs: 200 };

/** Connects as the application would, by its own module; says why not after the first attempt, or after three seconds. */
export async function connect(environment: CacheEnvironment, clock: Clock): Promise<Connection | NoConnection> {
  const context = await contextOf(environment).catch((error: unknown) => {
    if (CacheError.is(error)) return undefined;
    throw error;
  });
  if (!context) return 'not-usable';
  const events = context.get(CacheEvents);
  const client = context.get<RawClient>(REDIS_CLIENT);
  const close = (): Promise<void> => context.close();
  const until = { clock, limit: CONNECT_LIMIT, pick: outcomeOf, otherwise: 'timeout' as const };
  const outcome = client.status === 'ready' ? 'ready' : await first(events, until);
  if (outcome !== 'ready') {
    await close();
    return outcome;
  }
  const pick = (event: AnyCacheEvent): true | undefined => (event.type === 'connection.ready' ? true : undefined);
  const readyAgain = (limit: Milliseconds): Promise<boolean> => first(events, { clock, limit, pick, otherwise: false });
  return { server: new Server(client, clock, readyAgain), close };
}

function contextOf(environment: CacheEnvironment): ReturnType<typeof NestFactory.createApplicationContext> {
  const { redis, ...options } = cacheOptionsFrom(environment);
  if (!redis) throw new TypeError('Without REDIS_URL there is nothing to connect to');
  const commandTimeoutMs = Math.max(redis.commandTimeoutMs ?? 0, ANSWER_LIMIT);
  const cache = CacheModule.forRoot({
    ...options,
    redis: { ...redis, commandTimeoutMs, retry: RETRY, failFast: false },
  });
  const root = { module: DoctorModule, imports: [EventEmitterModule.forRoot(), cache] };
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
}

/** The first event that `pick` makes something of, else `otherwise` at the limit. */
function first<T>(events: CacheEvents, until: Until<T>): Promise<T> {
  return new Promise((resolve) => {
    const end = (value: T): void => {
      cancel();
      unsubscribe();
      resolve(value);
    };
    const cancel = until.clock.after(until.limit, () => end(until.otherwise));
    const unsubscribe = events.subscribe((event) => {
      const picked = until.pick(event);
      if (picked !== undefined) end(picked);
    });
  });
}

function outcomeOf(event: AnyCacheEvent): RemoteFailure | 'ready' | undefined {
  if (event.type === 'connection.ready') return 'ready';
  return event.type === 'connection.retrying' ? event.failure : undefined;
}
