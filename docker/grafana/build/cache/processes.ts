import type { Section } from '../dashboard.js';
import { series } from '../panels.js';
import { of, rate } from '../promql.js';

/** The processes that the cache is part of. */
export const PROCESSES: Section = {
  title: 'Processes',
  panels: [
    series({
      title: 'Resident memory',
      description: 'Memory that each process takes of its machine.',
      unit: 'bytes',
      queries: { '{{instance}}': `max by (instance) (${of('process_resident_memory_bytes')})` },
      min: 0,
    }),
    series({
      title: 'CPU',
      description: 'Cores in use by each process. A process at 1 is at its limit.',
      unit: 'short',
      queries: { '{{instance}}': rate('process_cpu_seconds_total', ['instance']) },
      min: 0,
    }),
    series({
      title: 'P99 of the event-loop lag',
      description: 'How late timers of each process are. A high lag makes every call slow, also hits in memory.',
      unit: 's',
      queries: { '{{instance}}': `max by (instance) (${of('nodejs_eventloop_lag_p99_seconds')})` },
      min: 0,
    }),
  ],
};
