import { applyDecorators, type Type, UseInterceptors } from '@nestjs/common';
import { ApiBadRequestResponse, ApiNotFoundResponse, ApiOkResponse } from '@nestjs/swagger';
import { CacheStatusInterceptor } from './cache-status.interceptor.js';
import { Problem } from './problem.js';

/** A route that returns a `Lookup` of `answer`: answered with `Cache-Status` and `Age`, described in OpenAPI. */
export function CachedAnswer(answer: Type<unknown>): MethodDecorator {
  return applyDecorators(UseInterceptors(CacheStatusInterceptor), DescribedAnswer(answer));
}

/** A route that answers `answer` with the headers of a cached one, described in OpenAPI. */
export function DescribedAnswer(answer: Type<unknown>): MethodDecorator {
  return applyDecorators(
    ApiOkResponse({
      type: answer,
      headers: {
        'Cache-Status': {
          description: 'RFC 9211: whether the cache had the answer',
          schema: { type: 'string' },
          example: 'shadower; hit; ttl=12; detail=l1',
        },
        Age: { description: 'Seconds since the answer was computed', schema: { type: 'integer' } },
      },
    }),
    ApiBadRequestResponse({ type: Problem, description: 'A parameter breaks a rule' }),
    ApiNotFoundResponse({ type: Problem, description: 'Nobody of this name ever ran' }),
  );
}
