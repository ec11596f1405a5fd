import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import {
  type AnyCacheEvent,
  CacheError,
  CacheEvents,
  CacheModule,
  CacheHealthIndicator,
  type CacheModuleOptions,
  CacheService,
  cacheToken,
  DEFAULT_CACHE,
  InvalidationService,
  invalidationToken,
  type Milliseconds,
  REDIS_CLIENT,
  type RemoteFailure,
} from '../../index.js';
import type { Clock } from '../clock.js';
import type { Place } from './place.js';
import { ANSWER_LIMIT } from './server.js';
import { type Servers, serversOf } from './servers.js';

/** A connection to close at the end. */
export interface Connection extends Servers {
  readonly cache: CacheService;
  readonly invalidation: InvalidationService;
  readonly health: CacheHealthIndicator;
  readonly events: CacheEvents;
  close(): Promise<void>;
}

/** Why there is no connection. */
export interface NoConnection {
  readonly why: RemoteFailure | 'not-usable';
  /** Which option cannot be used, and the rule that it breaks. */
  readonly rule?: string;
}

/** What is connected to. */
export interface Wanted extends CacheModuleOptions {
  /** Which of the application's caches. @default that of the prefix itself */
  readonly cache?: string;
}

interface Until<T> {
  readonly clock: Clock;
  readonly limit: Milliseconds;
  readonly pick: (event: AnyCacheEvent) => T | undefined;
  readonly otherwise: T;
}

@Module({})
class CommandModule {}

const CONNECT_LIMIT: Milliseconds = 2_500;
/** A person waits: seconds, not a minute. */
const RETRY = { attempts: 5, baseMs: 200 };

/** Connects as the application would, by its own module; says why not after the first attempt, or after three seconds. */
export async function connect(options: Wanted, place: Place, clock: Clock): Promise<Connection | NoConnection> {
  const context = await contextOf(options).catch((error: unknown) => {
    if (CacheError.is(error)) return error;
    throw error;
  });
  if (CacheError.is(context)) return { why: 'not-usable', rule: context.message };
  const events = context.get(CacheEvents);
  const client = context.get<{ readonly status: string }>(REDIS_CLIENT);
  const close = (): Promise<void> => context.close();
  // Where no Sentinel tells of a primary, the client asks on without saying so.
  const otherwise = place.mode === 'sentinel' ? ('unavailable' as const) : ('timeout' as const);
  const until = { clock, limit: CONNECT_LIMIT, pick: outcomeOf, otherwise };
  const outcome = client.status === 'ready' ? 'ready' : await first(events, until);
  if (outcome !== 'ready') {
    await close();
    return { why: outcome };
  }
  const pick = (event: AnyCacheEvent): true | undefined => (event.type === 'connection.ready' ? true : undefined);
  const readyAgain = (limit: Milliseconds): Promise<boolean> => first(events, { clock, limit, pick, otherwise: false });
  const services = {
    ...servicesOf(context, options.cache),
    ...{ events, health: context.get(CacheHealthIndicator) },
  };
  return { ...serversOf({ place, prefix: options.prefix ?? '', clock, client, readyAgain }), ...services, close };
}

type Context = Awaited<ReturnType<typeof NestFactory.createApplicationContext>>;

function servicesOf(context: Context, name = DEFAULT_CACHE): Pick<Connection, 'cache' | 'invalidation'> {
  const [cache, invalidation] =
    name === DEFAULT_CACHE ? [CacheService, InvalidationService] : [cacheToken(name), invalidationToken(name)];
  return { cache: context.get(cache), invalidation: context.get(invalidation) };
}

async function contextOf({ redis, cache, ...options }: Wanted): Promise<Context> {
  if (!redis) throw new TypeError('Without Redis there is nothing to connect to');
  const commandTimeoutMs = Math.max(redis.commandTimeoutMs ?? 0, ANSWER_LIMIT);
  // Not the application's rules.
  const coverage = { onFinding: 'off' } as const;
  const standard = CacheModule.forRoot({
    ...options,
    coverage,
    redis: { ...redis, commandTimeoutMs, retry: RETRY, failFast: false },
  });
  const { templates = [] } = options;
  const named = cache === undefined ? [] : [CacheModule.forFeature({ name: cache, templates, coverage })];
  const root = { module: CommandModule, imports: [EventEmitterModule.forRoot(), standard, ...named] };
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
