import { CacheError } from '../primitives/errors.js';

/** A value that JSON cannot hold: BigInt, a circular structure, or nesting too deep to write. */
export class ValueNotSerializableError extends CacheError {
  constructor(key: string, cause: unknown) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] as string) : String(cause);
    super('VALUE_NOT_SERIALIZABLE', 'usage', `the value of ${key} must be JSON: ${why}; convert it before caching`, {
      key,
      cause,
    });
  }
}

/** JSON of `value`, or `undefined` where JSON has no word for it (undefined, a function, a symbol). @throws ValueNotSerializableError */
export function serialize(key: string, value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new ValueNotSerializableError(key, error);
  }
}

/** The value of `text`, frozen throughout, so that no caller can change what the next one gets. `__proto__` keys are left out. @throws SyntaxError */
export function parseFrozen(text: string): unknown {
  return deepFreeze(parse(text));
}

/** The value of `text`, for one caller alone. `__proto__` keys are left out. @throws SyntaxError */
export function parse(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (mayNameProto(text)) dropProto(value);
  return value;
}

/** An escaped `\u005f\u005fproto__` names the same key, so any escape takes the careful road too. (One expression for both takes ten times as long.) */
function mayNameProto(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u');
}

/** JSON.parse makes `__proto__` a property like any other; whoever copies the object would set a prototype with it. */
function dropProto(value: unknown): void {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null) continue;
    Reflect.deleteProperty(next, '__proto__');
    for (const inner of Object.values(next)) if (typeof inner === 'object') pending.push(inner);
  }
}

/** Freezes a JSON value throughout. A stack of its own, not recursion: nesting that JSON.parse survives must not overflow here. */
export function deepFreeze<T>(value: T): T {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null || Object.isFrozen(next)) continue;
    for (const inner of Object.values(next)) if (typeof inner === 'object') pending.push(inner);
    // After its values were read: those of a frozen object take V8 longer.
    Object.freeze(next);
  }
  return value;
}

/**
 * Freezes what a schema made of a JSON value: its plain objects and arrays, also under those that are frozen already.
 * A `Date`, a `Map`, bytes, or an instance of a class are left as they are: frozen, some change all the same and others break.
 */
export function freezePlain<T>(value: T): T {
  const pending: unknown[] = [value];
  const seen = new Set<unknown>();
  while (pending.length > 0) {
    const next = pending.pop();
    if (!isPlain(next) || seen.has(next)) continue;
    seen.add(next);
    Object.freeze(next);
    for (const inner of Object.values(next)) if (typeof inner === 'object') pending.push(inner);
  }
  return value;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
