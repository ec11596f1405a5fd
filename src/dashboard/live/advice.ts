import type { TemplateAdvice } from '../../cache/advice/template-advice.js';
import type { Seconds } from '../../primitives/units.js';
import type { Advice, TemplateRow } from '../contract.js';

/** What advice is made of. */
export type Advised = Pick<
  TemplateRow,
  'hits' | 'misses' | 'missesByCause' | 'meanLoad' | 'loads' | 'spotChecks' | 'memory' | 'ttl'
> & {
  /** Whether an event, or a method that evicts, takes its entries; `null`: it cannot be told. */
  readonly hasEvent: boolean | null;
};

/** What was found of the TTL of a template by comparing loads with what they replaced. */
export type Compared = Pick<TemplateAdvice, 'ttl' | 'recommended' | 'reason'>;

const ENOUGH_READS = 200;
const ENOUGH_ENTRIES = 100;
const MOST = 0.5;
const FEW_HITS = 0.1;
const UNREAD = 0.8;
/** A TTL that is so near is right. */
const RIGHT = 0.1;
/** A load that takes no longer costs little more than the look that would save it. */
const CHEAP: Seconds = 0.001;

/** What to do about a template, the gravest first; `null` where nothing is, or too little was seen. */
export function adviceOf(seen: Advised, compared: readonly Compared[] = []): Advice | null {
  const { inconsistent } = seen.spotChecks;
  if (inconsistent > 0)
    return advise('event', `${counted(inconsistent, 'spot check')} found values that no invalidation had reached`);
  const hits = seen.hits.l1 + seen.hits.l2;
  const reads = hits + seen.misses;
  if (reads < ENOUGH_READS) return null;
  return uncached(seen, hits / reads) ?? ttlOf(seen, hits / reads, compared);
}

/** What was compared is known; misses and unread entries only make it likely. */
function ttlOf(seen: Advised, ratio: number, compared: readonly Compared[]): Advice | null {
  const known = compared.filter(({ recommended }) => recommended !== null);
  if (known.length === 0) return shorter(seen, ratio) ?? longer(seen);
  const wrong = known.find(({ ttl, recommended }) => Math.abs((recommended?.ttl ?? ttl) / ttl - 1) > RIGHT);
  return wrong ? advise((wrong.recommended?.ttl ?? 0) > wrong.ttl ? 'longer' : 'shorter', wrong.reason) : null;
}

function uncached({ meanLoad }: Advised, ratio: number): Advice | null {
  if (meanLoad === null || meanLoad > CHEAP || ratio > FEW_HITS) return null;
  return advise(
    'uncached',
    `${percent(ratio)} of its reads are hits, and a load takes ${(meanLoad * 1000).toFixed(2)} ms`,
  );
}

function shorter({ memory, ttl }: Advised, ratio: number): Advice | null {
  if (!memory || memory.entries < ENOUGH_ENTRIES || ratio > MOST) return null;
  const share = memory.unread / memory.entries;
  if (share < UNREAD) return null;
  const lifetime = ttl === null ? 'for its TTL' : `for ${ttl} s`;
  return advise('shorter', `${percent(share)} of its entries in memory are kept ${lifetime} and were never read`);
}

function longer({ misses, missesByCause, meanLoad, hasEvent }: Advised): Advice | null {
  const expired = missesByCause['expired'] ?? 0;
  if (misses === 0 || expired / misses < MOST || hasEvent === null) return null;
  const share = `${percent(expired / misses)} of its misses are values that had only expired`;
  if (!hasEvent) return advise('event', `${share}, and no event invalidates it: with one its TTL could be longer`);
  return advise(
    'longer',
    `${share}; events invalidate what changes, and ${(expired * (meanLoad ?? 0)).toFixed(1)} s went into loading them again`,
  );
}

function advise(kind: Advice['kind'], reason: string): Advice {
  return { kind, reason };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
