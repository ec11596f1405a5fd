import {
  type CallHandler,
  type ExecutionContext,
  HttpException,
  Inject,
  Injectable,
  type NestInterceptor,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Histogram, type Registry } from 'prom-client';
import { Observable, tap } from 'rxjs';
import { CacheEvents } from '../cache/cache-events.js';
import { type Clock, SystemClock } from '../primitives/clock.js';
import { RequestOutcome } from './request-outcome.js';
import { METRICS_OPTIONS, METRICS_REGISTRY } from './tokens.js';

/** What Express and Fastify requests have in common here: both know the route's template. */
interface RoutedRequest {
  readonly method: string;
  readonly route?: { readonly path?: string };
  readonly routeOptions?: { readonly url?: string };
}

const HELP = 'Time from the route being found to its answer being made; cache: the worst that the cache did for it';

/** Measures every HTTP request by route template, so that ids in paths make no series, and by what the cache did for it. */
@Injectable()
export class HttpMetricsInterceptor implements NestInterceptor, OnModuleDestroy {
  readonly #clock: Clock = new SystemClock();
  readonly #duration: Histogram;
  #unsubscribe: (() => void) | undefined;

  constructor(
    @Inject(METRICS_REGISTRY) registry: Registry,
    @Inject(METRICS_OPTIONS) private readonly settings: { readonly serverTiming: boolean },
    @Inject(CacheEvents) private readonly events: CacheEvents,
    private readonly host: HttpAdapterHost,
  ) {
    this.#duration = new Histogram({
      registers: [registry],
      name: 'http_request_duration_seconds',
      help: HELP,
      labelNames: ['method', 'route', 'status', 'cache'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    });
  }

  /** @internal */
  onModuleDestroy(): void {
    this.#unsubscribe?.();
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const { method, route, routeOptions } = context.switchToHttp().getRequest<RoutedRequest>();
    const response = context.switchToHttp().getResponse<{ readonly statusCode: number }>();
    // From the first request on: where there is none, as in a worker, no hit pays for it.
    this.#unsubscribe ??= this.events.subscribe(RequestOutcome.listen);
    const start = this.#clock.now();
    const outcome = new RequestOutcome();
    const ended = (status: number): void => {
      const path = route?.path ?? routeOptions?.url ?? 'unknown';
      const labels = { method, route: path, status: String(status), cache: outcome.worst };
      this.#duration.observe(labels, (this.#clock.now() - start) / 1000);
      this.#tell(response, outcome);
    };
    // The handler runs when it is subscribed to, so that has to be within.
    const answer = new Observable((subscriber) => outcome.within(() => next.handle().subscribe(subscriber)));
    return answer.pipe(
      tap({
        complete: () => ended(response.statusCode),
        error: (error: unknown) => ended(statusOf(error)),
      }),
    );
  }

  #tell(response: unknown, { serverTiming }: RequestOutcome): void {
    const { httpAdapter } = this.host;
    if (!this.settings.serverTiming || serverTiming === undefined || httpAdapter.isHeadersSent(response)) return;
    httpAdapter.setHeader(response, 'Server-Timing', serverTiming);
  }
}

/** The status that an error is answered with, as Nest's own handler has it. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const isTold = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
  return isTold ? (error.statusCode as number) : 500;
}
