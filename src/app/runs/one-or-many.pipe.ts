import { Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import type { BrokenRule } from '../http/problem.js';
import { brokenRules, InvalidRequestException } from '../http/validation.js';
import { RunRequest } from './run.request.js';

/** The most runs that one request may bring. */
export const MOST_RUNS = 1000;

/** Enough to mend a client by, short enough to read. */
const MOST_ERRORS = 20;

/** Takes one run or an array of them, and lets all pass or none. */
@Injectable()
export class OneOrManyRunsPipe implements PipeTransform<unknown, Promise<RunRequest[]>> {
  async transform(body: unknown): Promise<RunRequest[]> {
    if (!Array.isArray(body)) return [await only(body)];
    const items: readonly unknown[] = body;
    if (items.length === 0 || items.length > MOST_RUNS) {
      throw new InvalidRequestException([
        {
          field: 'body',
          rule: `must be one run or an array of 1 to ${MOST_RUNS}`,
          received: `an array of ${items.length}`,
        },
      ]);
    }
    const checked = await Promise.all(items.map((item, i) => check(item, `${i}.`)));
    const errors = checked.flatMap((item) => item.errors);
    if (errors.length > 0) throw new InvalidRequestException(errors.slice(0, MOST_ERRORS));
    return checked.map((item) => item.run);
  }
}

async function only(body: unknown): Promise<RunRequest> {
  const { run, errors } = await check(body, '');
  if (errors.length > 0) throw new InvalidRequestException(errors);
  return run;
}

async function check(item: unknown, path: string): Promise<{ run: RunRequest; errors: BrokenRule[] }> {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw new InvalidRequestException([
      {
        field: `${path}body`,
        rule: 'must be a run: an object with agentId, userId, workspaceId and status',
        received: typeof item,
      },
    ]);
  }
  const run = plainToInstance(RunRequest, item);
  return { run, errors: brokenRules(await validate(run, { whitelist: true, forbidNonWhitelisted: true }), path) };
}
