import { labelOf, metricsAt, samplesOf } from '../../metrics-page.js';
import { printable } from '../../text.js';
import type { SettingsCheck, Surroundings } from '../check.js';
import { type Finding, pass, unknown, warn } from '../finding.js';

const METRIC = 'cache_rule_findings';
/** So many are named, and the others counted. */
const MOST_NAMED = 20;

/** Rules and templates are in the application only, and its metrics tell what it has found of them. */
async function coverage({ settings: { metrics }, clock }: Surroundings): Promise<Finding> {
  const page = metrics && (await metricsAt(metrics.url, clock));
  const samples = page?.status === 200 ? samplesOf(page.text, METRIC) : undefined;
  if (!samples) return unknown('no metrics', 'see metrics.scrape; or look at InvalidationService.coverage()');
  const found = samples.filter(({ value }) => value > 0).map(({ labels }) => shown(labels));
  if (found.length === 0) return pass('nothing found');
  const rest = found.length - MOST_NAMED;
  const named = found.slice(0, MOST_NAMED).join('; ');
  return warn(
    rest > 0 ? `${named}; and ${rest} more` : named,
    'InvalidationService.coverage() says what each means and what to do, as the log of the start does; what is meant goes into coverage.except',
  );
}

/** Named caches carry their name. */
function shown(labels: string): string {
  const [kind = 'unnamed', name = '', cache] = ['kind', 'name', 'cache'].map((label) => labelOf(labels, label));
  return printable(`${kind} ${name}${cache === undefined ? '' : ` in the cache ${cache}`}`);
}

/** What an instance has found that its rules miss. */
export const COVERAGE_CHECK: SettingsCheck = {
  id: 'rules.coverage',
  title: 'Rules reach every template',
  needs: 'settings',
  run: coverage,
};
