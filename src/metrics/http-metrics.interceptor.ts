import {
  type CallHandler,
  type ExecutionContext,
  HttpException,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Histogram, type Registry } from 'prom-client';
import { type Observable, tap } from 'rxjs';
import { type Clock, SystemClock } from '../primitives/clock.js';
import { METRICS_REGISTRY } from './tokens.js';

/** What Express and Fastify requests have in common here: both know the route's template. */
interface RoutedRequest {
  readonly method: string;
  readonly route?: { readonly path?: string };
  readonly routeOptions?: { readonly url?: string };
}

/** Measures every HTTP request by route template, so that ids in paths make no series. */
@Injectable()
export class HttpMetricsInterceptor implements NestInterceptor {
  readonly #clock: Clock = new SystemClock();
  readonly #duration: Histogram;

  constructor(@Inject(METRICS_REGISTRY) registry: Registry) {
    this.#duration = new Histogram({
      registers: [registry],
      name: 'http_request_duration_seconds',
      help: 'Time from the route being found to its answer being made',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    });
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const { method, route, routeOptions } = context.switchToHttp().getRequest<RoutedRequest>();
    const response = context.switchToHttp().getResponse<{ readonly statusCode: number }>();
    const start = this.#clock.now();
    const observe = (status: number): void => {
      const labels = { method, route: route?.path ?? routeOptions?.url ?? 'unknown', status: String(status) };
      this.#duration.observe(labels, (this.#clock.now() - start) / 1000);
    };
    return next.handle().pipe(
      tap({
        complete: () => observe(response.statusCode),
        error: (error: unknown) => observe(error instanceof HttpException ? error.getStatus() : 500),
      }),
    );
  }
}
