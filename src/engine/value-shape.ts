import { freezePlain, parse, parseFrozen } from '../codec/json.js';
import type { KeyFamily } from '../keys/key.js';
import type { SchemaIssue, SchemaResult, ValueSchema } from '../keys/value-schema.js';
import { type Awaitable, whenThere } from '../primitives/awaitable.js';
import type { Clock } from '../primitives/clock.js';
import { withDeadline } from '../primitives/deadline.js';
import { CacheError } from '../primitives/errors.js';
import type { Milliseconds } from '../primitives/units.js';
import type { Misfitting, ValueOrigin } from './lookup.js';
import type { CacheObserver } from './observer.js';

/** Why a value does not fit. */
export interface Refusal {
  readonly why: Misfitting;
  /** Where in the value, such as `items.0.at`: names of properties, `*` for what may be data; empty for the value itself. */
  readonly path: string;
  readonly issues: readonly SchemaIssue[];
  /** What was thrown. */
  readonly error?: unknown;
}

/** What readers get for a value, or why they do not. */
export type Shaped = { readonly value: unknown } | Refusal;

/** What schemas are asked with. */
export interface ShapeParts {
  readonly clock: Clock;
  readonly observer: CacheObserver;
}

/**
 * A value that does not fit the schema of its template: a loader returned it (family `loader`), or it was to be set
 * (family `usage`). It is not stored. `fields`: `label` (the key's template), `path` (where in the value, empty for its
 * root), `why`. What the schema says is in `issues` and in `cause`, and in no log line of this package: it may quote the value.
 */
export class InvalidValueError extends CacheError {
  // Private, so that whoever prints the error does not print the value.
  readonly #issues: readonly SchemaIssue[];

  /** @internal */
  constructor(label: string, origin: Exclude<ValueOrigin, 'entry'>, { why, path, issues, error }: Refusal) {
    const value = origin === 'loader' ? `what a loader of ${label} returns` : `a value set for ${label}`;
    super(
      'INVALID_VALUE',
      origin === 'loader' ? 'loader' : 'usage',
      `${value} must, as JSON tells it, fit the schema of the template; ${saidOf(why, path)}; mend the value, or the schema`,
      { label, path, why, cause: error },
    );
    this.#issues = issues;
  }

  /** What the schema finds wrong, in its own words, which may quote the value. */
  get issues(): readonly SchemaIssue[] {
    return this.#issues;
  }
}

/** As long as a schema or a migration may take: a reader, or a load with its lease, waits for it. */
export const LONGEST_SHAPING: Milliseconds = 2_000;

/** What readers get for the JSON of a value: frozen, and as the schema has it. @throws SyntaxError for no JSON */
export function shapeOf({ clock }: ShapeParts, { schema }: KeyFamily, json: string): Awaitable<Shaped> {
  if (!schema) return { value: parseFrozen(json) };
  return whenThere(validated(clock, schema, parse(json)), frozen);
}

/** What the schema makes of a value; in this turn where it answers at once. Never throws. */
export function validated(clock: Clock, schema: ValueSchema, value: unknown): Awaitable<Shaped> {
  try {
    const answer = schema['~standard'].validate(value);
    if (!('then' in answer)) return verdictOf(answer);
    return withDeadline(clock, LONGEST_SHAPING, Promise.resolve(answer), () => new TooSlow())
      .then(verdictOf)
      .catch(failureOf);
  } catch (error) {
    return failureOf(error);
  }
}

/** Tells that a value does not fit. */
export function tellRefusal(
  { observer }: ShapeParts,
  { label }: KeyFamily,
  origin: ValueOrigin,
  { why, path, error }: Refusal,
): void {
  observer.on({ type: 'value.invalid', label, origin, why, path, ...(error !== undefined && { error }) });
}

/** True for a value that does not fit. */
export function isRefusal(shaped: Shaped): shaped is Refusal {
  return 'why' in shaped;
}

/** Says that somebody else's code takes too long. */
export class TooSlow extends Error {}

function frozen(shaped: Shaped): Shaped {
  if (isRefusal(shaped)) return shaped;
  try {
    return { value: freezePlain(shaped.value) };
  } catch (error) {
    return failureOf(error);
  }
}

function verdictOf(result: SchemaResult<unknown>): Shaped {
  const { issues } = result;
  return issues ? { why: 'issues', path: pathOf(issues[0]), issues } : { value: result.value };
}

function failureOf(error: unknown): Refusal {
  if (error instanceof TooSlow) return { why: 'slow', path: '', issues: [] };
  return { why: 'threw', path: '', issues: [], error };
}

function saidOf(why: Misfitting, path: string): string {
  if (why === 'threw') return 'the schema threw';
  if (why === 'slow') return `the schema has not answered within ${LONGEST_SHAPING} ms`;
  return `it does not${path === '' ? '' : ` at ${path}`}`;
}

const DEEPEST_TOLD = 8;
const PROPERTY = /^[a-zA-Z_$][\w$-]{0,39}$/;

/** The keys of a record are data, such as ids: only what looks like the name of a property is told. */
function pathOf(issue: SchemaIssue | undefined): string {
  const steps = (issue?.path ?? []).slice(0, DEEPEST_TOLD).map((step) => (typeof step === 'object' ? step.key : step));
  return steps
    .map((step) => (typeof step === 'number' || (typeof step === 'string' && PROPERTY.test(step)) ? step : '*'))
    .join('.');
}
