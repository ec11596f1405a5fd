import { peekHead } from '../codec/envelope.js';
import { isNote } from '../keys/alphabet.js';
import { KeyPattern } from '../keys/pattern.js';
import type { RemoteStore } from '../stores/contracts.js';
import { EVERYTHING } from './generations.js';
import type { Invalidation } from './invalidation-batch.js';
import type { LocalView } from './local-view.js';

/** What an invalidation would take. */
export interface BlastRadius {
  /** Entries that would go, by template label. */
  readonly templates: Readonly<Record<string, number>>;
  readonly entries: number;
  /** Bytes of those entries as stored. */
  readonly bytes: number;
  /** Share of all entries, 0 to 1. */
  readonly share: number;
  /** `counted`: every entry was looked at. `estimated`: scaled up from a sample. */
  readonly basis: 'counted' | 'estimated';
}

/** What a census is made with. */
export interface CensusParts {
  readonly remote: RemoteStore;
  /** The metric label of a key. */
  readonly labelOf: (key: string) => string;
  /** How many entries are looked at before the rest is estimated. */
  readonly sample: number;
}

interface Tally {
  readonly templates: Map<string, number>;
  seen: number;
  entries: number;
  bytes: number;
}

/** Counts what an invalidation would take, without taking it. A walk over entries, at most `sample` of them, and three commands for each. */
export async function census(
  { remote, labelOf, sample }: CensusParts,
  target: Omit<Invalidation, 'cause'>,
): Promise<BlastRadius> {
  const concerns = matcher(target);
  const tally: Tally = { templates: new Map(), seen: 0, entries: 0, bytes: 0 };
  let isWhole = true;
  for await (const names of remote.scan('entry', '*')) {
    const keys = names.filter((name) => !isNote(name));
    for (const [i, peek] of (await remote.heads(keys)).entries()) {
      const key = keys[i] as string;
      if (peek) count(tally, { key, bytes: peek.bytes, tags: tagsOf(key, peek.head) }, { concerns, labelOf });
    }
    if (tally.seen >= sample) {
      isWhole = false;
      break;
    }
  }
  const share = tally.seen === 0 ? 0 : tally.entries / tally.seen;
  if (isWhole) return { ...figures(tally, 1), share, basis: 'counted' };
  // DBSIZE counts leases and generations too; entries are nearly all of a cache that is worth estimating.
  return { ...figures(tally, (await remote.count()) / tally.seen), share, basis: 'estimated' };
}

/** The same for a cache that is in this process's memory only. */
export function censusOfMemory(
  { memory }: LocalView,
  labelOf: CensusParts['labelOf'],
  target: Omit<Invalidation, 'cause'>,
): BlastRadius {
  const concerns = matcher(target);
  const tally: Tally = { templates: new Map(), seen: 0, entries: 0, bytes: 0 };
  for (const { key, bytes, states } of memory.values())
    count(tally, { key, bytes, tags: states.map(({ tag }) => tag) }, { concerns, labelOf });
  return { ...figures(tally, 1), share: tally.seen === 0 ? 0 : tally.entries / tally.seen, basis: 'counted' };
}

interface Counted {
  readonly key: string;
  readonly bytes: number;
  readonly tags: readonly string[];
}

interface Rules {
  readonly concerns: (entry: Counted) => boolean;
  readonly labelOf: (key: string) => string;
}

function count(tally: Tally, entry: Counted, { concerns, labelOf }: Rules): void {
  tally.seen += 1;
  if (!concerns(entry)) return;
  const label = labelOf(entry.key);
  tally.templates.set(label, (tally.templates.get(label) ?? 0) + 1);
  tally.entries += 1;
  tally.bytes += entry.bytes;
}

function matcher({ tags = [], keys = [], patterns = [] }: Omit<Invalidation, 'cause'>): (entry: Counted) => boolean {
  const named = { tags: new Set(tags), keys: new Set(keys), patterns: patterns.map((text) => KeyPattern.parse(text)) };
  return (entry) =>
    named.tags.has(EVERYTHING) ||
    named.keys.has(entry.key) ||
    entry.tags.some((tag) => named.tags.has(tag)) ||
    named.patterns.some((pattern) => pattern.matches(entry.key));
}

function tagsOf(key: string, head: Buffer): string[] {
  return peekHead(key, head)?.stamps.map(({ tag }) => tag) ?? [];
}

function figures(
  { templates, entries, bytes }: Tally,
  scale: number,
): Pick<BlastRadius, 'templates' | 'entries' | 'bytes'> {
  const scaled = [...templates].map(([label, number]) => [label, Math.round(number * scale)] as const);
  return {
    templates: Object.fromEntries(scaled),
    entries: Math.round(entries * scale),
    bytes: Math.round(bytes * scale),
  };
}
