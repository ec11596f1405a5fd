import { metricsAt, samplesOf } from '../../metrics-page.js';
import type { SettingsCheck, Surroundings } from '../check.js';
import { type Finding, pass, unknown, warn } from '../finding.js';

const METRIC = 'cache_rule_findings';

/** Rules and templates are in the application only, and its metrics tell how many of them it was warned of. */
async function coverage({ settings: { metrics }, clock }: Surroundings): Promise<Finding> {
  const page = metrics && (await metricsAt(metrics.url, clock));
  const samples = page?.status === 200 ? samplesOf(page.text, METRIC) : undefined;
  if (!samples) return unknown('no metrics', 'see metrics.scrape; or look at InvalidationService.coverage()');
  const found = samples
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => `${value} ${kindIn(labels)}${cacheIn(labels)}`);
  if (found.length === 0) return pass('nothing found at the start');
  return warn(
    found.join(', '),
    "see the application's log of its start, or InvalidationService.coverage(); what is meant goes into coverage.except",
  );
}

function kindIn(labels: string): string {
  return /kind="([a-z-]+)"/.exec(labels)?.[1] ?? 'unnamed';
}

/** Named caches carry their name. */
function cacheIn(labels: string): string {
  const [, name] = /cache="([^"]+)"/.exec(labels) ?? [];
  return name === undefined ? '' : ` in the cache ${name}`;
}

/** Whether an instance was warned of what its rules miss. */
export const COVERAGE_CHECK: SettingsCheck = {
  id: 'rules.coverage',
  title: 'Rules reach every template',
  needs: 'settings',
  run: coverage,
};
