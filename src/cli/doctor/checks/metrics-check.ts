import { metricsAt, shownUrl } from '../../metrics-page.js';
import type { SettingsCheck, Surroundings } from '../check.js';
import { fail, type Finding, pass, unknown, warn } from '../finding.js';
import type { MetricsEndpoint } from '../../redis/settings.js';

const EXPECTED = [
  ...['cache_hits_total', 'cache_misses_total', 'cache_errors_total', 'cache_invalidations_total'],
  ...['cache_operation_duration_seconds', 'cache_keys_total'],
];

async function scrape({ settings, clock }: Surroundings): Promise<Finding> {
  if (settings.configured?.environment.METRICS_ENABLED === false)
    return warn('METRICS_ENABLED=false', 'set METRICS_ENABLED=true and have Prometheus scrape it');
  const { metrics } = settings;
  if (!metrics) return unknown('no address', 'say --metrics-url http://host:port/api/v1/metrics, or set PORT');
  const page = await metricsAt(metrics.url, clock);
  if (page === undefined) return unreachable(metrics);
  return page.status === 200 ? judged(metrics, page.text) : refused(metrics, page.status);
}

function judged(metrics: MetricsEndpoint, text: string): Finding {
  const missing = EXPECTED.filter((name) => !text.includes(`# TYPE ${name} `));
  if (missing.length === 0)
    return pass(`${shown(metrics)}, ${EXPECTED.length} of ${EXPECTED.length} metrics looked for`);
  return fail(
    `${shown(metrics)} lacks ${missing.join(', ')}`,
    'import PrometheusModule beside CacheModule, or mend the URL',
  );
}

function refused(metrics: MetricsEndpoint, status: number): Finding {
  const remedy =
    status === 401 || status === 403
      ? 'it is behind a token: look from a machine that may, as Prometheus does'
      : 'mend the URL: path, and global prefix of the application';
  return fail(`${shown(metrics)} answers ${status}`, remedy);
}

function unreachable(metrics: MetricsEndpoint): Finding {
  if (metrics.given) return fail(`${shown(metrics)} does not answer`, 'start the application, or mend the URL');
  return unknown(`${shown(metrics)} does not answer`, 'start the application, or say --metrics-url');
}

function shown({ url }: MetricsEndpoint): string {
  return shownUrl(url);
}

/** Whether Prometheus would find what the alerts ask for. */
export const METRICS_CHECK: SettingsCheck = {
  id: 'metrics.scrape',
  title: 'Metrics can be scraped',
  needs: 'settings',
  run: scrape,
};
