import type { Section } from '../dashboard.js';
import { series } from '../panels.js';
import { of, rate } from '../promql.js';

/** What is invalidated, and whether everyone has heard of it. */
export const INVALIDATIONS: Section = {
  title: 'Invalidations',
  panels: [
    series({
      width: 6,
      title: 'Invalidations',
      description: 'Acknowledged invalidations each second by what was invalidated.',
      unit: 'ops',
      queries: { '{{pattern}}': rate('cache_invalidations_total', ['pattern']) },
      min: 0,
    }),
    series({
      width: 6,
      title: 'Waiting invalidations',
      description: 'Invalidations that Redis has not taken yet. Anything above 0 for long is wrong.',
      unit: 'short',
      queries: { '{{instance}}': `max by (instance) (${of('cache_invalidations_queued')})` },
      min: 0,
    }),
    series({
      width: 6,
      title: 'Coherence lag',
      description:
        'How long ago an instance last heard of the invalidations of others. Above 2 s it does not serve from memory.',
      unit: 's',
      queries: { '{{instance}}': `max by (instance) (${of('cache_coherence_lag_seconds')})` },
      min: 0,
    }),
    series({
      width: 6,
      title: 'Coherent instances',
      description: 'Share of the instances that trust their memory, and how often one stopped doing so.',
      unit: 'percentunit',
      queries: {
        coherent: `avg(${of('cache_coherent')})`,
        'losses each second': rate('cache_coherence_losses_total'),
      },
      min: 0,
    }),
    series({
      title: 'Gaps in the ledger',
      description: 'How often memory was emptied because invalidations may have been missed.',
      unit: 'ops',
      queries: { '{{reason}}': rate('cache_ledger_gaps_total', ['reason']) },
      min: 0,
    }),
    series({
      title: 'Swept entries',
      description: 'Invalidated entries deleted from Redis each second to free memory.',
      unit: 'ops',
      queries: { swept: rate('cache_swept_entries_total') },
      min: 0,
    }),
    series({
      title: 'Last record applied',
      description: 'When the newest invalidation that an instance knows of was written.',
      unit: 'dateTimeFromNow',
      queries: { '{{instance}}': `max by (instance) (${of('cache_ledger_position_seconds')}) * 1000` },
    }),
    series({
      width: 12,
      title: 'Inconsistent values',
      description:
        'Share of the hits of a template that are out of date, as spot checks estimate it: at least, and at most, with 95 % confidence.',
      unit: 'percentunit',
      queries: {
        '{{key_pattern}} at least': `max by (key_pattern) (${of('cache_inconsistent_ratio_low')})`,
        '{{key_pattern}}': `max by (key_pattern) (${of('cache_inconsistent_ratio')})`,
        '{{key_pattern}} at most': `max by (key_pattern) (${of('cache_inconsistent_ratio_high')})`,
      },
      min: 0,
      max: 1,
    }),
    series({
      width: 12,
      title: 'Spot checks',
      description: 'Values loaded once more each second after they had been served, by what came of it.',
      unit: 'ops',
      queries: { '{{outcome}}': rate('cache_spot_checks_total', ['outcome']) },
      min: 0,
    }),
  ],
};
