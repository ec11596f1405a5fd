import { CacheError, describe } from '../primitives/errors.js';

/** The longest key, tag or pattern, in characters. */
export const MAX_KEY_LENGTH = 256;

// In JavaScript `$` without the m flag is the very end, so a trailing newline does not pass; with the flag it would.
const KEY = /^[a-zA-Z0-9:_.-]{1,256}$/;
const SEGMENT = /^[a-zA-Z0-9_.-]{1,256}$/;
const KEY_RULE = '1 to 256 characters of a-z A-Z 0-9 : _ - .';
const SEGMENT_RULE = '1 to 256 characters of a-z A-Z 0-9 _ - . (no colon: it separates segments)';

/** A key, tag, pattern or key parameter outside its alphabet. `fields`: `subject`, `rule`. */
export class InvalidKeyError extends CacheError {
  constructor(subject: string, rule: string, received: unknown) {
    super('INVALID_KEY', 'usage', `${subject} must be ${rule}; received ${describe(received)}`, { subject, rule });
  }
}

/** True for a string of the key alphabet. */
export function isKey(text: unknown): text is string {
  return typeof text === 'string' && KEY.test(text);
}

/** True for what instances share with each other: it lies among the entries, under names that no key can have. */
export function isNote(name: string): boolean {
  return name.startsWith('#');
}

/**
 * `key` when it is a string of the key alphabet. The type is checked too: Redis clients flatten an array into further
 * arguments, so `['k', 'EX', '1']` would become options.
 */
export function checkKey(key: unknown, subject = 'key'): string {
  if (isKey(key)) return key;
  throw new InvalidKeyError(subject, KEY_RULE, key);
}

/** `segment` as a string when it may stand between two colons of a key; whole numbers are accepted and written in decimal. */
export function checkSegment(segment: unknown, subject: string): string {
  const text = Number.isSafeInteger(segment) ? String(segment) : segment;
  if (typeof text === 'string' && SEGMENT.test(text)) return text;
  throw new InvalidKeyError(subject, SEGMENT_RULE, segment);
}

/** What `check` makes of each item of an array, its holes included. Anything else is refused: its `map` may skip the check. */
export function checkList<T, R>(list: readonly T[], subject: string, check: (item: T) => R): readonly R[] {
  if (!Array.isArray(list)) throw new InvalidKeyError(subject, 'an array', list);
  const checked: R[] = [];
  for (const item of list as readonly T[]) checked.push(check(item));
  return checked;
}
