import type { Clock } from '../clock.js';
import { connectionFinding } from './advice.js';
import type { Check, Surroundings } from './check.js';
import { CHECKS } from './checks.js';
import { connect } from '../redis/connect.js';
import { type Finding, type Status, unknown } from './finding.js';
import type { Settings } from '../redis/settings.js';
import { askPatients, patientsOf, type Patients } from './ward.js';

/** One check and what it found. */
export interface Result extends Finding {
  readonly id: string;
  readonly title: string;
}

/** What was found of one Redis and its configuration. */
export interface Diagnosis {
  /** The Redis looked at, without its password; absent where none is configured. */
  readonly target: string | undefined;
  readonly results: readonly Result[];
}

/** Why is said once, by the connection. */
const NOT_CONNECTED: Finding = { status: 'unknown', observed: 'not connected' };

/** Runs every check. Changes nothing in Redis but what the cache itself would, and breaks no connection but its own. */
export async function examine(settings: Settings, clock: Clock): Promise<Diagnosis> {
  const { configured } = settings;
  const surroundings = { settings, clock };
  if (!configured?.place) {
    const opens = unknown(
      'nothing to connect to',
      'set REDIS_URL, REDIS_SENTINELS or REDIS_CLUSTER_NODES, to one that can be used',
    );
    return { target: undefined, results: await resultsOf(surroundings, undefined, opens) };
  }
  const { options, place, environment } = configured;
  const connection = await connect(options, place, clock);
  const opens = connectionFinding(place, connection);
  if ('why' in connection) return { target: place.shown, results: await resultsOf(surroundings, undefined, opens) };
  try {
    const patients = await patientsOf(connection, { ...surroundings, environment, place });
    return { target: place.shown, results: await resultsOf(surroundings, patients, opens) };
  } finally {
    await connection.close();
  }
}

async function resultsOf(
  surroundings: Surroundings,
  patients: Patients | undefined,
  opens: Finding,
): Promise<Result[]> {
  const results: Result[] = [{ id: 'connection.opens', title: 'Redis can be reached', ...opens }];
  const isClustered = surroundings.settings.configured?.place?.mode === 'cluster';
  // One after another: the latency must not be that of the other checks.
  for (const check of CHECKS)
    if (isClustered || check.needs !== 'cluster')
      results.push({ id: check.id, title: check.title, ...(await findingOf(check)) });
  return results;

  async function findingOf(check: Check): Promise<Finding> {
    if (check.needs === 'settings') return check.run(surroundings);
    return patients ? askPatients(check, patients) : NOT_CONNECTED;
  }
}

/** How often each status was found. */
export function countsOf(results: readonly Result[]): Readonly<Record<Status, number>> {
  const counts = { pass: 0, warn: 0, fail: 0, unknown: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}
