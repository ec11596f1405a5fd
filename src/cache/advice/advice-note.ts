import type { AdvisedTemplate, WrittenTemplate } from './advised-template.js';

const MOST_BYTES = 65_536;
const VERSION = 1;

/** As text: of a great many templates, those of which most was seen. */
export function encodeAdvice(templates: Iterable<AdvisedTemplate>): string {
  let bytes = 0;
  const told = [...templates]
    .sort((one, other) => other.counts.compared - one.counts.compared)
    .map((each) => each.written())
    .filter((each) => (bytes += JSON.stringify(each, short).length + 1) <= MOST_BYTES);
  return JSON.stringify({ version: VERSION, templates: told }, short);
}

/** Six digits are more than what was seen is worth; instants are whole. */
function short(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}

/** What was written; of what this version cannot read, nothing. */
export function decodeAdvice(text: string | undefined): readonly WrittenTemplate[] {
  try {
    const { version, templates } = JSON.parse(text ?? '') as { version?: unknown; templates?: unknown };
    return version === VERSION && Array.isArray(templates) ? (templates as WrittenTemplate[]).filter(isReadable) : [];
  } catch {
    return [];
  }
}

/** Whether a template can be made of it, in which every number is one. */
function isReadable(value: WrittenTemplate): boolean {
  const { label, declared, ttl, at, maxStale, sinceStep, bounds, moved, counts } = value;
  if (typeof label !== 'string') return false;
  const { same, changed, invalidated, lived, waited, took } = counts;
  const limits = bounds === null ? [] : [bounds.min, bounds.max];
  const moves = moved.flatMap(({ at, from, to }) => [at, from, to]);
  const counted = [...same, ...changed.flatMap(([, count, ages]) => [count, ages]), ...took];
  const numbers = [declared, ttl, at, maxStale, sinceStep, invalidated, lived, ...limits, ...moves, ...counted];
  // Of the bins the logarithm is kept, which is below zero for an age of less than a millisecond.
  if (!Number.isFinite(waited)) return false;
  return numbers.every(isCount) && changed.every(([bin]) => Number.isInteger(bin)) && same.length + took.length === 4;
}

function isCount(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}
