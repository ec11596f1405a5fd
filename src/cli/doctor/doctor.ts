import type { CacheEnvironment } from '../../index.js';
import type { Clock } from '../clock.js';
import { type Address, addressOf } from './address.js';
import type { Check, Patient, ServerCheck, Surroundings } from './check.js';
import { CHECKS } from './checks.js';
import { connect, type Connection, type NoConnection } from './connect.js';
import { fail, type Finding, pass, type Status, unknown } from './finding.js';
import { readInfo } from './info.js';
import { CommandError } from './server.js';
import type { Settings } from './settings.js';

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

const OTHERWISE =
  'check REDIS_URL, that this is Redis 7.0 or newer, and that a certificate is trusted (NODE_EXTRA_CA_CERTS)';

const ADVICE: Readonly<Partial<Record<NoConnection, string>>> = {
  unavailable: 'check that Redis runs and that its address is right',
  timeout: 'Redis accepts connections but does not answer: check its load',
  authentication: 'check REDIS_PASSWORD, or the credentials in REDIS_URL',
  permission: 'check the ACL of this user: it must at least be allowed +@connection +info',
  overloaded: 'Redis has too many clients: check maxclients',
  loading: 'Redis loads its data, or is busy with a script: wait',
};

/** Why is said once, by the connection. */
const NOT_CONNECTED: Finding = { status: 'unknown', observed: 'not connected' };

/** Runs every check. Changes nothing in Redis but what the cache itself would, and breaks no connection but its own. */
export async function examine(settings: Settings, clock: Clock): Promise<Diagnosis> {
  const { environment } = settings;
  const address = addressOf(environment?.REDIS_URL ?? '');
  const surroundings = { settings, clock };
  if (!environment || !address) {
    const opens = unknown('nothing to connect to', 'set a REDIS_URL that can be used');
    return { target: undefined, results: await resultsOf(surroundings, undefined, opens) };
  }
  const connection = await connect(environment, clock);
  const target = address.shown;
  if (typeof connection === 'string') {
    const opens = fail(connection, ADVICE[connection] ?? OTHERWISE);
    return { target, results: await resultsOf(surroundings, undefined, opens) };
  }
  try {
    const patient = await patientOf(surroundings, connection, environment, address);
    return { target, results: await resultsOf(surroundings, patient, pass('connected')) };
  } finally {
    await connection.close();
  }
}

async function patientOf(
  surroundings: Surroundings,
  { server }: Connection,
  environment: CacheEnvironment,
  address: Address,
): Promise<Patient> {
  return { ...surroundings, environment, address, server, info: await readInfo(server) };
}

async function resultsOf(surroundings: Surroundings, patient: Patient | undefined, opens: Finding): Promise<Result[]> {
  const results: Result[] = [{ id: 'connection.opens', title: 'Redis can be reached', ...opens }];
  // One after another: the latency must not be that of the other checks.
  for (const check of CHECKS) results.push({ id: check.id, title: check.title, ...(await findingOf(check)) });
  return results;

  async function findingOf(check: Check): Promise<Finding> {
    if (check.needs === 'settings') return check.run(surroundings);
    return patient ? askServer(check, patient) : NOT_CONNECTED;
  }
}

async function askServer(check: ServerCheck, patient: Patient): Promise<Finding> {
  try {
    return await check.run(patient);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return unknown(`${error.command} ${HINDRANCE[error.failure]}`, check.look ?? 'see why, then run the doctor again');
  }
}

const HINDRANCE: Readonly<Record<CommandError['failure'], string>> = {
  permission: 'is refused to this user',
  absent: 'is not known to this server',
  missing: 'found no key',
  silent: 'was not answered',
  refused: 'was refused',
};

/** How often each status was found. */
export function countsOf(results: readonly Result[]): Readonly<Record<Status, number>> {
  const counts = { pass: 0, warn: 0, fail: 0, unknown: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}
