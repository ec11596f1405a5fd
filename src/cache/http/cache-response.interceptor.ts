import {
  type CallHandler,
  type ClassSerializerContextOptions,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { defer, lastValueFrom, type Observable, of } from 'rxjs';
import { CacheKey } from '../../keys/key.js';
import { whenThere } from '../../primitives/awaitable.js';
import { type CacheRuntime, memoryOf } from '../cache-runtime.js';
import { cacheStatus } from '../cache-status.js';
import { Caches, type NamedCache } from '../caches.js';
import type { Lookup } from '../call-options.js';
import { type CachedRoute, CACHED_ROUTE } from './cached-route.js';
import { AnswerBodies } from './answer-bodies.js';
import { HttpExchange } from './http-exchange.js';
import type { ResolvedHttpOptions } from './http-options.js';
import { answerOf, isAnswerOf, OwnAnswer, type StoredAnswer } from './response-answer.js';

/** One request to a cached route. */
interface Visit {
  readonly route: CachedRoute;
  /** The class and method of the route, as they are here: those of a subclass where it is inherited. */
  readonly where: string;
  readonly exchange: HttpExchange;
  /** Runs the handler. */
  readonly handle: () => Promise<unknown>;
  readonly serialization: () => ClassSerializerContextOptions;
  /** Whether the response has been made: a load that ends after that is a refresh behind it. */
  answered: boolean;
}

/** What the bytes of answers may take, as a share of `memory.maxBytes` and beside it. */
const BODIES_SHARE = 0.25;

// Nest makes an interceptor for each module with such a route, and all of them share one memory.
const BODIES = new WeakMap<CacheRuntime, AnswerBodies>();

const SERIALIZATION = 'class_serializer:options';

/** Answers routes with `CacheResponse` from the cache. Interceptors run after guards: who may not ask gets no cached answer either. */
@Injectable()
export class CacheResponseInterceptor implements NestInterceptor {
  constructor(
    @Inject(Caches) private readonly caches: Caches,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const handler = context.getHandler();
    const route = Reflect.getMetadata(CACHED_ROUTE, handler) as CachedRoute | undefined;
    if (!route || context.getType() !== 'http') return next.handle();
    const http = context.switchToHttp();
    const visit: Visit = {
      route,
      where: `${context.getClass().name}.${handler.name}`,
      exchange: new HttpExchange(this.host.httpAdapter, http.getRequest(), http.getResponse()),
      handle: () => lastValueFrom(next.handle(), { defaultValue: undefined }),
      serialization: () => serializationOf(handler, context.getClass()),
      answered: false,
    };
    return defer(() => {
      const answer = this.#answer(visit);
      return answer instanceof Promise ? answer : of(answer);
    });
  }

  /** At once where memory has it, which is half of what a hit would cost with a promise. */
  #answer(visit: Visit): unknown {
    const { route, exchange } = visit;
    const key = route.key.of(exchange.request);
    if (!CacheKey.is(key)) return this.#past(visit, `fwd=bypass; detail=${key}`);
    const named = this.caches.get(route.cache);
    return this.#isPlain(visit) ? this.#ask(visit, named, key) : this.#askAsWished(visit, named, key);
  }

  /** Whether the request asks for what the cache has, as most do. */
  #isPlain({ exchange }: Visit): boolean {
    return exchange.wish === undefined && !(this.#settings.clientNoCache && exchange.asksForNew);
  }

  #ask(visit: Visit, named: NamedCache, key: CacheKey): unknown {
    const lookup = named.service.lookupAtOnce(key, () => this.#load(visit), visit.route.load);
    return whenThere(lookup, (lookup) => this.#answerWith(visit, named, key, lookup));
  }

  async #askAsWished(visit: Visit, named: NamedCache, key: CacheKey): Promise<unknown> {
    const wish = await this.#wish(visit.exchange);
    if (wish === 'skip') return this.#past(visit, 'fwd=request; detail=skip');
    if (wish === 'refresh') await named.service.delete(key);
    return this.#ask(visit, named, key);
  }

  #answerWith(visit: Visit, named: NamedCache, key: CacheKey, lookup: Lookup<unknown>): unknown {
    visit.answered = true;
    const { value } = lookup;
    if (value instanceof OwnAnswer) return this.#own(visit, value, lookup.coalesced);
    if (!isAnswerOf(visit.where, value)) return this.#past(visit, 'fwd=bypass; detail=foreign');
    const body = this.#tell(visit, value, lookup);
    if (body !== undefined) visit.exchange.sendAs(body, () => bodiesOf(named).of(key.name, value));
    return body;
  }

  /** Answers without the cache. */
  #past({ route, exchange, handle }: Visit, why: string): Promise<unknown> {
    exchange.setHeader('Cache-Status', `shadower; ${why}`);
    exchange.vary(route.key.vary);
    return handle();
  }

  /** What only this request may have; somebody else's is not for it. */
  #own(visit: Visit, { body, why }: OwnAnswer, isForeign: boolean): unknown {
    if (isForeign) return this.#past(visit, `fwd=miss; detail=${why}`);
    visit.exchange.setHeader('Cache-Status', `shadower; fwd=miss; detail=${why}`);
    visit.exchange.vary(visit.route.key.vary);
    return body;
  }

  async #load(visit: Visit): Promise<StoredAnswer | OwnAnswer> {
    const { exchange, handle, serialization } = visit;
    const before = exchange.state;
    const body = await handle();
    // A refresh behind an answer changes nothing of that answer any more.
    if (!visit.answered && exchange.state !== before) return new OwnAnswer(body, 'headers');
    if (exchange.request.method === 'HEAD') return new OwnAnswer(body, 'head');
    return answerOf(visit.where, body, serialization());
  }

  #tell({ route, exchange }: Visit, { body, etag }: StoredAnswer, lookup: Lookup<unknown>): unknown {
    exchange.setHeader('Cache-Status', cacheStatus(lookup));
    exchange.setHeader('Age', String(this.#ageOf(lookup)));
    exchange.setHeader('ETag', etag, true);
    exchange.setHeader('Cache-Control', this.#cacheControl(route, lookup), true);
    exchange.vary(route.key.vary);
    if (!exchange.matches(etag)) return body;
    exchange.notModified();
    return undefined;
  }

  /** Whole seconds, never negative: another process's clock may be ahead of ours. */
  #ageOf({ asOf }: Lookup<unknown>): number {
    return Math.max(0, Math.floor((this.caches.get().runtime.clock.now() - asOf) / 1000));
  }

  #cacheControl({ isPublic, revalidate, load, family, cache }: CachedRoute, lookup: Lookup<unknown>): string {
    const scope = isPublic ? 'public' : 'private';
    if (revalidate || !lookup.stored) return `${scope}, no-cache`;
    // `Age` is counted against it, so it is the whole life and not what is left.
    const life = Math.max(0, this.#ageOf(lookup) + Math.floor(lookup.ttl));
    const { policy } = this.caches.get(cache).options;
    const grace = load.grace ?? (family.policy.grace ?? policy.grace) / 1000;
    return `${scope}, max-age=${life}${grace >= 1 ? `, stale-while-revalidate=${Math.floor(grace)}` : ''}`;
  }

  get #settings(): ResolvedHttpOptions {
    return this.caches.get().options.http;
  }

  async #wish(exchange: HttpExchange): Promise<string | undefined> {
    const { operator, clientNoCache } = this.#settings;
    const { wish } = exchange;
    if (wish !== undefined && (await operator(exchange.request))) return wish;
    return clientNoCache && exchange.asksForNew ? 'refresh' : undefined;
  }
}

function bodiesOf({ runtime, options }: NamedCache): AnswerBodies {
  const bodies = BODIES.get(runtime) ?? new AnswerBodies(memoryOf(options.memory.maxBytes * BODIES_SHARE));
  BODIES.set(runtime, bodies);
  return bodies;
}

/** What `@SerializeOptions` says of a route, or of its controller. */
function serializationOf(...targets: readonly object[]): ClassSerializerContextOptions {
  for (const target of targets) {
    const options = Reflect.getMetadata(SERIALIZATION, target) as ClassSerializerContextOptions | undefined;
    if (options) return options;
  }
  return {};
}
