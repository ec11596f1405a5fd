import type { Section } from '../dashboard.js';
import { series } from '../panels.js';
import { of, rate } from '../promql.js';

/** What is kept in memory, and what loads are spared. */
export const MEMORY_AND_LOAD: Section = {
  title: 'Memory and sharing of load',
  panels: [
    series({
      title: 'Entries in memory',
      description: 'Entries in the memory of each process.',
      unit: 'short',
      queries: { '{{instance}}': `max by (instance) (${of('cache_l1_entries')})` },
      min: 0,
    }),
    series({
      title: 'Bytes in memory',
      description: 'What values in the memory of each process take of its heap, about.',
      unit: 'bytes',
      queries: { '{{instance}}': `max by (instance) (${of('cache_l1_bytes')})` },
      min: 0,
    }),
    series({
      title: 'Evictions from memory',
      description: 'Entries dropped from memory each second as it was full.',
      unit: 'ops',
      queries: { evictions: rate('cache_l1_evictions_total') },
      min: 0,
    }),
    series({
      title: 'Stale values served',
      description: 'Reads each second that got a value past its TTL, by why it had no newer one.',
      unit: 'reqps',
      queries: { '{{reason}}': rate('cache_stale_served_total', ['reason']) },
      min: 0,
    }),
    series({
      title: 'Shared loads',
      description:
        'Callers each second that took the result of a load that another had begun, here or in another process.',
      unit: 'reqps',
      queries: {
        'in this process': rate('cache_coalesced_total'),
        'in another process': rate('cache_lease_waits_total'),
      },
      min: 0,
    }),
    series({
      title: 'Wait for the load of another process',
      description: 'How long such a wait takes on average.',
      unit: 's',
      queries: {
        wait: `${rate('cache_lease_wait_seconds_total')} / (${rate('cache_lease_waits_total')} > 0)`,
      },
      min: 0,
    }),
    series({
      title: 'Expensive misses',
      description: 'Misses each second whose load took long, by template: the first to give a longer TTL.',
      unit: 'ops',
      queries: { '{{key_pattern}}': rate('cache_expensive_misses_total', ['key_pattern']) },
      min: 0,
    }),
    series({
      title: 'Warm-ups: keys to go',
      description:
        'Keys that warm-ups under way have still to load, by plan: a line that stays up is a run that does not end.',
      unit: 'short',
      queries: { '{{plan}}': `sum by (plan) (${of('cache_warm_up_keys_left')})` },
      min: 0,
    }),
    series({
      title: 'Warm-ups: keys each second',
      description: 'Keys that warm-ups loaded, found cached, or failed to load.',
      unit: 'ops',
      queries: { '{{plan}} {{result}}': rate('cache_warm_up_keys_total', ['plan', 'result']) },
      min: 0,
    }),
    series({
      title: 'Keys in Redis',
      description: 'Keys in the database of Redis over time.',
      unit: 'short',
      queries: { keys: `max(${of('cache_keys')})` },
      min: 0,
    }),
    series({
      title: 'Label values beyond the limit',
      description: 'Events each second counted under "other" because a metric has too many label values.',
      unit: 'ops',
      queries: { '{{metric}}': rate('cache_label_overflow_total', ['metric']) },
      min: 0,
    }),
  ],
};
