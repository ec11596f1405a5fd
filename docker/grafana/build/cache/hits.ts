import type { Section } from '../dashboard.js';
import { series } from '../panels.js';
import { of, rate, share } from '../promql.js';

const HITS = rate('cache_hits_total');
const LOOKUPS = `${HITS} + ${rate('cache_misses_total')}`;

/** What is found, where, and why not. */
export const HITS_AND_MISSES: Section = {
  title: 'Hits and misses',
  panels: [
    series({
      title: 'Hits and misses',
      description: 'Reads each second that found a value, and that did not.',
      unit: 'reqps',
      queries: { hits: HITS, misses: rate('cache_misses_total') },
      min: 0,
    }),
    series({
      title: 'Hit rate',
      description: 'Share of the reads that found a value, over time.',
      unit: 'percentunit',
      queries: { 'hit rate': share(HITS, `(${LOOKUPS})`) },
      min: 0,
      max: 1,
    }),
    series({
      title: 'Worst hit rates by template',
      description: 'The ten templates with the lowest hit rate of the last five minutes, of all instances together.',
      unit: 'percentunit',
      queries: { '{{key_pattern}}': 'bottomk(10, job_key_pattern:cache_hit:ratio_rate5m{job=~"$job"})' },
      min: 0,
      max: 1,
    }),
    series({
      title: 'Hits by tier',
      description: 'Hits each second from the memory of the process (l1) and from Redis (l2).',
      unit: 'reqps',
      queries: { '{{tier}}': rate('cache_tier_hits_total', ['tier']) },
      min: 0,
    }),
    series({
      title: 'Misses by cause',
      description:
        'Why a read found nothing: never cached, expired, invalidated, evicted, of another version, or not as its schema wants it.',
      unit: 'reqps',
      queries: { '{{cause}}': rate('cache_misses_by_cause_total', ['cause']) },
      min: 0,
    }),
    series({
      title: 'Entries never read',
      description:
        'Entries in memory that were stored and not read since, by template. Many mean that caching them is in vain.',
      unit: 'short',
      queries: { '{{key_pattern}}': `topk(10, sum by (key_pattern) (${of('cache_l1_unread_entries')}))` },
      min: 0,
    }),
  ],
};
