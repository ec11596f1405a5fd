import type { LocalEntry } from '../engine/local-entry.js';
import type { Seconds } from '../primitives/units.js';
import type { Ratio } from '../primitives/wilson.js';
import type { MemoryStore } from '../stores/contracts.js';
import type { Tally, TemplateTally } from './tally.js';

/** What was counted of the keys of one template since the start of the process. */
export interface TemplateStatistics {
  /** Reads answered from memory (`l1`) and from Redis (`l2`). */
  readonly hits: { readonly l1: number; readonly l2: number };
  readonly misses: number;
  /** Misses by cause, as in the reason of a lookup; Redis away counts as none. */
  readonly missesByCause: Readonly<Record<string, number>>;
  /** Hits among hits and misses, 0 to 1; `null` before the first read. */
  readonly hitRatio: number | null;
  /** Values served past their TTL, by reason. */
  readonly staleServed: Readonly<Record<string, number>>;
  /** Callers that shared another's load. */
  readonly coalesced: number;
  readonly loads: {
    readonly count: number;
    readonly failed: number;
    readonly rejected: number;
    readonly mean: Seconds;
  };
  /** What the loads of all hits would have taken. */
  readonly timeSaved: Seconds;
  /** Loads of more than a second that a reader waited for. */
  readonly expensiveMisses: number;
  /**
   * Values that were loaded once more after they had been served: those that were right and those that an invalidation
   * should have reached, and the share of these with its bounds of 95 % confidence; `null` before the first.
   */
  readonly spotChecks: { readonly consistent: number; readonly inconsistent: number; readonly ratio: Ratio | null };
  /** Entries in memory now, and those of them that nobody has read from there. */
  readonly memory: { readonly entries: number; readonly bytes: number; readonly unread: number };
}

/** What was counted since the start of the process. */
export interface CacheStatistics {
  /** By template; raw keys that fit none are `other`. */
  readonly templates: Readonly<Record<string, TemplateStatistics>>;
  readonly memory: { readonly entries: number; readonly bytes: number; readonly evictions: number };
}

type Held = TemplateStatistics['memory'];
const NOTHING: Held = { entries: 0, bytes: 0, unread: 0 };

/** The statistics of a tally and of what is in memory now. */
export function statisticsOf(
  tally: Tally,
  memory: MemoryStore<LocalEntry>,
  labelOf: (key: string) => string,
): CacheStatistics {
  const held = new Map<string, Held>();
  for (const { key, bytes, isRead } of memory.values()) {
    const label = labelOf(key);
    const sum = held.get(label) ?? NOTHING;
    held.set(label, { entries: sum.entries + 1, bytes: sum.bytes + bytes, unread: sum.unread + (isRead ? 0 : 1) });
  }
  const templates = [...tally.templates].map(
    ([label, counted]) => [label, statisticsOfTemplate(counted, held.get(label) ?? NOTHING)] as const,
  );
  const { size: entries, bytes, evictions } = memory;
  return { templates: Object.fromEntries(templates), memory: { entries, bytes, evictions } };
}

/** Those of one template, of which memory has what `memory` says. */
export function statisticsOfTemplate(counted: TemplateTally, memory: Held): TemplateStatistics {
  const { tiers, causes, stale, coalesced, loads, failedLoads, rejected, saved, expensiveMisses, spotChecks } = counted;
  const [hits, misses] = [counted.hits.total, counted.misses.total];
  const { count, sum } = loads;
  return {
    hits: { l1: tiers.get('l1'), l2: tiers.get('l2') },
    misses,
    missesByCause: Object.fromEntries(causes),
    hitRatio: hits + misses === 0 ? null : hits / (hits + misses),
    staleServed: Object.fromEntries(stale),
    coalesced,
    loads: { count, failed: failedLoads, rejected: rejected.total, mean: count === 0 ? 0 : sum / count },
    timeSaved: saved,
    expensiveMisses,
    spotChecks: {
      consistent: spotChecks.get('consistent'),
      inconsistent: spotChecks.get('inconsistent'),
      ratio: counted.inconsistent ?? null,
    },
    memory,
  };
}
