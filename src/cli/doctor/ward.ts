import type { Patient, ServerCheck } from './check.js';
import { type Finding, unknown } from './finding.js';
import { readInfo } from '../redis/info.js';
import { merged, type Seen } from './merge.js';
import { CommandError, type Server } from '../redis/server.js';
import type { Servers } from '../redis/servers.js';

/** Those who are asked. */
export interface Patients {
  /** One for each primary. */
  readonly primaries: readonly Patient[];
  /** Whoever has the key that is asked for. */
  readonly whole: Patient;
}

/** Makes a patient of each server. */
export async function patientsOf(
  { primaries, whole }: Servers,
  common: Omit<Patient, 'server' | 'info'>,
): Promise<Patients> {
  const patientOf = async (server: Server): Promise<Patient> => ({ ...common, server, info: await readInfo(server) });
  return { primaries: await Promise.all(primaries.map(patientOf)), whole: await patientOf(whole) };
}

/** What one check finds, of all servers together. */
export async function askPatients(check: ServerCheck, { primaries, whole }: Patients): Promise<Finding> {
  if (check.needs === 'keys') return ask(check, whole);
  const seen: Seen[] = [];
  for (const patient of primaries) seen.push({ name: patient.server.name, finding: await ask(check, patient) });
  return merged(seen);
}

async function ask(check: ServerCheck, patient: Patient): Promise<Finding> {
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
