import type { Check } from './check.js';
import { ACCESS_CHECKS } from './checks/access-checks.js';
import { CLUSTER_CHECKS } from './checks/cluster-checks.js';
import { CONNECTION_CHECKS, RECONNECT_CHECK } from './checks/connection-checks.js';
import { COVERAGE_CHECK } from './checks/coverage-check.js';
import { KEY_CHECKS } from './checks/key-checks.js';
import { MEMORY_CHECKS } from './checks/memory-checks.js';
import { METRICS_CHECK } from './checks/metrics-check.js';
import { SERVER_CHECKS } from './checks/server-checks.js';
import { SETTINGS_CHECKS } from './checks/settings-checks.js';
import { VERSION_CHECK } from './checks/version-check.js';

/** The checklist, in the order of the report. */
export const CHECKS: readonly Check[] = [
  ...SETTINGS_CHECKS,
  ...ACCESS_CHECKS,
  VERSION_CHECK,
  ...SERVER_CHECKS,
  ...CLUSTER_CHECKS,
  ...MEMORY_CHECKS,
  ...KEY_CHECKS,
  METRICS_CHECK,
  COVERAGE_CHECK,
  ...CONNECTION_CHECKS,
  RECONNECT_CHECK,
];
