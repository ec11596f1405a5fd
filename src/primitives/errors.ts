/**
 * Who has to act on an error, and so what the cache does with it.
 * `usage`: the caller; thrown at once. `infrastructure`: the operator; never reaches a reader.
 * `loader`: the source; reaches the reader unless a stale value may be served.
 */
export type ErrorFamily = 'usage' | 'infrastructure' | 'loader';

/** The base of every error this package throws. `code` is stable; `message` is for people; `fields` hold the facts as data. */
export class CacheError extends Error {
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: string,
    readonly family: ErrorFamily,
    message: string,
    /** The facts as data; `cause` is the error behind this one. */
    { cause, ...fields }: Readonly<Record<string, unknown>> = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.fields = fields;
  }

  /** True for errors of this package, also when two copies of it are installed. */
  static is(error: unknown): error is CacheError {
    return error instanceof Error && 'family' in error && 'code' in error && 'fields' in error;
  }
}

/** An option, argument or variable that breaks a rule. */
export class InvalidOptionError extends CacheError {
  constructor(name: string, rule: string, received: unknown) {
    super('INVALID_OPTION', 'usage', `${name} must be ${rule}; received ${describe(received)}`, { name, rule });
  }
}

const LONGEST_SHOWN = 80;

/** A value as it may stand in a message: its type where that is news, never longer than one line. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return `a value of type ${typeof value}`;
}

function shorten(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}… (${text.length} characters)`;
}
