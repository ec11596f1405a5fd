import type { Section } from '../dashboard.js';
import { series } from '../panels.js';
import { of, rate } from '../promql.js';

/** What fails. */
export const ERRORS: Section = {
  title: 'Errors',
  panels: [
    series({
      title: 'Errors by type',
      description: 'Failed commands each second by what failed. docs/runbook.md has each type.',
      unit: 'ops',
      queries: { '{{error_type}}': rate('cache_errors_total', ['error_type']) },
      min: 0,
    }),
    series({
      title: 'Errors by operation',
      description: 'Failed commands each second by what was tried.',
      unit: 'ops',
      queries: { '{{operation}}': rate('cache_errors_total', ['operation']) },
      min: 0,
    }),
    series({
      title: 'Loads that fail or are rejected',
      description: 'Loads each second that the source failed, and those not begun as it had enough to do.',
      unit: 'ops',
      queries: {
        'failed {{key_pattern}}': rate('cache_load_failures_total', ['key_pattern']),
        'rejected {{key_pattern}}': rate('cache_loads_rejected_total', ['key_pattern']),
      },
      min: 0,
    }),
    series({
      title: 'Circuits',
      description: '0: commands are sent to Redis. 1: one is sent to see. 2: none is sent.',
      unit: 'short',
      queries: {
        '{{instance}} {{circuit}}': `max by (instance, circuit) (${of('cache_circuit_state')})`,
      },
      min: 0,
      max: 2,
    }),
    series({
      title: 'Reconnects, failovers and openings',
      description:
        'How often instances connected to Redis anew, saw another primary, and opened circuits, each second.',
      unit: 'ops',
      queries: {
        reconnects: rate('cache_redis_reconnects_total'),
        'primary changes': rate('cache_redis_primary_changes_total'),
        'opened {{circuit}}': rate('cache_circuit_opened_total', ['circuit']),
      },
      min: 0,
    }),
    series({
      title: 'Round trip to Redis',
      description: 'The last answer to a ping, by instance.',
      unit: 's',
      queries: { '{{instance}}': `max by (instance) (${of('cache_redis_round_trip_seconds')})` },
      min: 0,
    }),
  ],
};
