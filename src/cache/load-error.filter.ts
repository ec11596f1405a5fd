import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { LoadRejectedError } from '../engine/load-budget.js';
import { LoadTimeoutError } from '../engine/loader-run.js';

/**
 * Answers a source that is asked too much with 503 and `Retry-After` (seconds, RFC 9110), and one that is too slow with
 * 504. To be provided as `APP_FILTER`, or used where HTTP is answered; on Express and Fastify.
 */
@Catch(LoadRejectedError, LoadTimeoutError)
export class LoadErrorFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  /** Called by Nest. */
  catch(error: LoadRejectedError | LoadTimeoutError, context: ArgumentsHost): void {
    const { httpAdapter } = this.host;
    const response = context.switchToHttp().getResponse<unknown>();
    const { statusCode, message, code } = error;
    if (error instanceof LoadRejectedError) httpAdapter.setHeader(response, 'Retry-After', String(error.retryAfter));
    httpAdapter.reply(response, { statusCode, message, error: code }, statusCode);
  }
}
