import { KeyPattern } from '../keys/pattern.js';
import type { Milliseconds } from '../primitives/units.js';

/** A tag, its new generation, and why. */
interface TagChange {
  readonly tag: string;
  readonly token: string;
  readonly cause: string;
}

/** A key or pattern that was invalidated, and why. */
interface KeyChange {
  readonly name: string;
  readonly cause: string;
}

/** One record of the ledger: what one process invalidated in one step. */
export interface InvalidationRecord {
  /** The instance that wrote it. */
  readonly origin: string;
  readonly at: Milliseconds;
  readonly tags: readonly TagChange[];
  readonly keys: readonly KeyChange[];
  readonly patterns: readonly KeyChange[];
  /** Whether every instance is to assert again what it invalidated in the last minute: a failover may have lost it. */
  readonly again: boolean;
}

/** A record that invalidates nothing. */
export function emptyRecord(origin: string, at: Milliseconds): InvalidationRecord {
  return { origin, at, tags: [], keys: [], patterns: [], again: false };
}

const FORMAT = 1;

/** The record as ledger text: JSON, readable by eye. */
export function encodeRecord({ origin, at, tags, keys, patterns, again }: InvalidationRecord): string {
  return JSON.stringify({
    v: FORMAT,
    origin,
    at: Math.round(at),
    tags: tags.map(({ tag, token, cause }) => [tag, token, cause]),
    keys: keys.map(({ name, cause }) => [name, cause]),
    patterns: patterns.map(({ name, cause }) => [name, cause]),
    ...(again && { again }),
  });
}

/** How many names one record holds at most: a reader takes many records at once, and they must arrive within a deadline. */
const NAMES_PER_RECORD = 500;

/** A record as several that are not too long. */
export function splitRecord({ tags, keys, patterns, ...rest }: InvalidationRecord): InvalidationRecord[] {
  const longest = Math.max(tags.length, keys.length, patterns.length);
  const parts: InvalidationRecord[] = [];
  for (let from = 0; from < longest; from += NAMES_PER_RECORD) {
    const part = <T>(rows: readonly T[]): readonly T[] => rows.slice(from, from + NAMES_PER_RECORD);
    parts.push({ ...rest, tags: part(tags), keys: part(keys), patterns: part(patterns) });
  }
  return parts;
}

/** The record behind ledger text, or `undefined` when it is malformed or of a format this version does not know. */
export function decodeRecord(text: string): InvalidationRecord | undefined {
  try {
    const raw = JSON.parse(text) as Record<string, unknown>;
    if (raw['v'] !== FORMAT || typeof raw['origin'] !== 'string' || typeof raw['at'] !== 'number') return undefined;
    return {
      origin: raw['origin'],
      at: raw['at'],
      tags: rows(raw['tags'], 3).map(([tag, token, cause]) => ({ tag, token, cause }) as TagChange),
      keys: rows(raw['keys'], 2).map(([name, cause]) => ({ name, cause }) as KeyChange),
      patterns: rows(raw['patterns'], 2).map(([name, cause]) => ({
        name: KeyPattern.parse(name).text,
        cause: cause as string,
      })),
      again: raw['again'] === true,
    };
  } catch {
    return undefined;
  }
}

function rows(value: unknown, width: number): string[][] {
  const wellFormed = (row: unknown): row is string[] =>
    Array.isArray(row) && row.length === width && row.every((text) => typeof text === 'string');
  if (Array.isArray(value) && value.every(wellFormed)) return value;
  throw new TypeError('malformed rows');
}
