import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CacheError, LoadRejectedError, LoadTimeoutError } from '../../index.js';
import type { Problem } from './problem.js';
import { InvalidRequestException } from './validation.js';

type Described = Pick<Problem, 'status' | 'detail' | 'errors'>;

/** Answers every failure as a problem body. What a caller cannot mend is logged in full and answered without its inside. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const described = describe(error);
    if (described.status >= 500) this.logger.error(`${request.method} ${request.path} failed`, stackOf(error));
    if (response.headersSent) {
      response.end();
      return;
    }
    if (error instanceof LoadRejectedError) response.setHeader('Retry-After', error.retryAfter);
    const problem: Problem = { type: 'about:blank', title: STATUS_CODES[described.status] ?? 'Error', ...described };
    response.status(described.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

function describe(error: unknown): Described {
  if (error instanceof InvalidRequestException) return { status: 400, detail: error.message, errors: error.errors };
  if (error instanceof HttpException) return { status: error.getStatus(), detail: error.message };
  if (error instanceof LoadRejectedError || error instanceof LoadTimeoutError)
    return {
      status: error.statusCode,
      detail: 'The answer takes too long to compute right now; try again in a moment',
    };
  if (CacheError.is(error) && error.family === 'usage') return { status: 400, detail: error.message };
  return (
    httpStatusOf(error) ?? { status: 500, detail: 'The answer could not be computed; the log of the server says why' }
  );
}

/** Errors of the HTTP layer below Nest (a body too large, a malformed path) say themselves whose fault they are. */
function httpStatusOf(error: unknown): Described | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const { status, message } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? { status, detail: message } : undefined;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
