import type { Section } from '../dashboard.js';
import { heatmap, series } from '../panels.js';
import { quantile, rate } from '../promql.js';

const DURATION = 'cache_operation_duration_seconds';
/** Their time is that of the source, or grows with the number of keys. */
const WITHOUT_LOADS = 'operation!~"get_or_load|get_or_load_many|clear_pattern"';

/** How long calls, loads and requests take. */
export const LATENCY: Section = {
  title: 'Latency',
  panels: [
    series({
      title: 'P50, P95 and P99',
      description: 'How long calls take that neither load nor walk over keys.',
      unit: 's',
      queries: {
        P50: quantile(0.5, DURATION, [], WITHOUT_LOADS),
        P95: quantile(0.95, DURATION, [], WITHOUT_LOADS),
        P99: quantile(0.99, DURATION, [], WITHOUT_LOADS),
      },
      min: 0,
    }),
    series({
      title: 'P99 by operation',
      description: 'Ninety-nine of a hundred calls are faster. Operations that load include the time of the source.',
      unit: 's',
      queries: { '{{operation}}': quantile(0.99, DURATION, ['operation']) },
      min: 0,
    }),
    heatmap({
      title: 'Spread of the latency',
      description: 'How many calls took how long. Two bands are hits in memory and answers of Redis or the source.',
      unit: 's',
      queries: { '{{le}}': rate(`${DURATION}_bucket`, ['le']) },
    }),
    series({
      title: 'P95 of loads by template',
      description: 'How long the source takes for a value.',
      unit: 's',
      queries: { '{{key_pattern}}': quantile(0.95, 'cache_load_duration_seconds', ['key_pattern']) },
      min: 0,
    }),
    series({
      title: 'Load time saved',
      description:
        'Seconds of loading that hits save each second: ten mean that the source would need ten more workers.',
      unit: 'short',
      queries: { '{{key_pattern}}': rate('cache_load_time_saved_seconds_total', ['key_pattern']) },
      min: 0,
    }),
    series({
      title: 'P95 of HTTP requests',
      description: 'How long requests take, by route.',
      unit: 's',
      queries: { '{{method}} {{route}}': quantile(0.95, 'http_request_duration_seconds', ['method', 'route']) },
      min: 0,
    }),
  ],
};
