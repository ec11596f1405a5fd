import { BadRequestException, type ValidationError, ValidationPipe, type ValidationPipeOptions } from '@nestjs/common';
import type { BrokenRule } from './problem.js';

const LONGEST_SHOWN = 200;

/** Only declared fields, each by its rules, as its declared type. */
const OPTIONS: ValidationPipeOptions = { whitelist: true, forbidNonWhitelisted: true, transform: true };

/** A request that breaks rules: says which, and what came instead. */
export class InvalidRequestException extends BadRequestException {
  constructor(readonly errors: readonly BrokenRule[]) {
    super(`The request breaks ${errors.length === 1 ? '1 rule' : `${errors.length} rules`}`);
  }
}

/** The pipe through which every request passes. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    ...OPTIONS,
    exceptionFactory: (errors) => new InvalidRequestException(brokenRules(errors)),
  });
}

/** Flattens what class-validator found; `path` is where the object that was checked stands in the request. */
export function brokenRules(errors: readonly ValidationError[], path = ''): BrokenRule[] {
  return errors.flatMap(({ property, constraints = {}, value, children = [] }) => {
    const field = `${path}${property}`;
    const own = Object.values(constraints).map((rule) => ({ field, rule, received: shown(value) }));
    return [...own, ...brokenRules(children, `${field}.`)];
  });
}

/** The value as it came, cut where it is long: an answer must not be as large as the attack. */
function shown(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length <= LONGEST_SHOWN ? value : `${value.slice(0, LONGEST_SHOWN)}… (${value.length} characters)`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return value;
}
