import { createHash } from 'node:crypto';
import { type ClassSerializerContextOptions, StreamableFile } from '@nestjs/common';
import { instanceToPlain } from 'class-transformer';

/** What is cached of an answer. */
export interface StoredAnswer {
  /** The route that gave it: an entry of anybody else is none of its answers. */
  readonly of: string;
  readonly body: unknown;
  readonly etag: string;
}

/** An answer that is the request's own: not stored, since it has no JSON, and shared with nobody. */
export class OwnAnswer {
  constructor(
    readonly body: unknown,
    readonly why: string,
  ) {}

  toJSON(): undefined {
    return undefined;
  }
}

/** What a handler returned, ready to be cached; its own where it cannot be told again from JSON. */
export function answerOf(
  of: string,
  body: unknown,
  serialization: ClassSerializerContextOptions = {},
): StoredAnswer | OwnAnswer {
  if (body === undefined) return new OwnAnswer(body, 'empty');
  if (isStream(body)) return new OwnAnswer(body, 'stream');
  try {
    const plain = mapped(body, (value) => (isInstance(value) ? instanceToPlain(value, serialization) : value));
    const json = JSON.stringify(plain) as string | undefined;
    return json === undefined ? new OwnAnswer(body, 'empty') : { of, body: plain, etag: etagOf(json) };
  } catch {
    // The adapter will meet the same error, and tell it.
    return new OwnAnswer(body, 'not-serializable');
  }
}

/** Whether a cached value is an answer of the route. */
export function isAnswerOf(of: string, value: unknown): value is StoredAnswer {
  return typeof value === 'object' && value !== null && 'of' in value && value.of === of && 'etag' in value;
}

/** Weak: what compresses the answer changes its bytes and not its meaning. */
function etagOf(json: string): string {
  return `W/"${createHash('sha256').update(json).digest('base64url').slice(0, 27)}"`;
}

function isStream(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  if (body instanceof StreamableFile || ArrayBuffer.isView(body) || Symbol.asyncIterator in body) return true;
  const isMethod = (name: 'pipe' | 'getReader'): boolean =>
    name in body && typeof Reflect.get(body, name) === 'function';
  return isMethod('pipe') || isMethod('getReader');
}

/**
 * An object of a class, whose decorators of class-transformer (`@Exclude`) are to be heeded before it is stored: what
 * comes out of the cache is no instance any more, and a ClassSerializerInterceptor would let everything pass.
 */
function isInstance(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null && prototype !== Array.prototype;
}

/** `value`, or each element of a list, through `change`; properties of plain objects, too. */
function mapped(value: unknown, change: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  const changed = change(value);
  if (changed !== value || typeof value !== 'object' || value === null || 'toJSON' in value) return changed;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapped(inner, change)]));
}
