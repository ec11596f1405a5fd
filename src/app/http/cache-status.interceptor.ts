import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import { cacheStatus, type Lookup } from '../../index.js';
import { systemNow } from '../analytics/now.js';

/** Answers the value of a `Lookup`, and says in `Cache-Status` (RFC 9211) and `Age` where it came from and how old it is. */
@Injectable()
export class CacheStatusInterceptor implements NestInterceptor<Lookup<unknown>, unknown> {
  intercept(context: ExecutionContext, next: CallHandler<Lookup<unknown>>): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map((lookup) => {
        response.setHeader('Cache-Status', cacheStatus(lookup));
        response.setHeader('Age', ageOf(lookup));
        return lookup.value;
      }),
    );
  }
}

/** Whole seconds since the value was loaded. Never negative: another process's clock may be ahead of ours. */
function ageOf({ asOf }: Lookup<unknown>): number {
  return Math.max(0, Math.floor((systemNow().getTime() - asOf) / 1000));
}
