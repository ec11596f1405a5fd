import type { Call, Terminal } from '../command.js';
import { examine } from '../doctor/doctor.js';
import { reportForMachines, reportForPeople, verdictOf } from '../doctor/report.js';
import { readSettings } from '../redis/settings.js';
import { flag } from '../usage.js';

/** The production checklist. */
export async function doctor(call: Call, { variables, clock, isTerminal, out }: Terminal): Promise<0 | 1> {
  const diagnosis = await examine(readSettings(call, variables), clock);
  const colours = isTerminal && (variables['NO_COLOR'] ?? '') === '';
  out(flag(call, 'json') ? reportForMachines(diagnosis) : reportForPeople(diagnosis, colours));
  const verdict = verdictOf(diagnosis);
  return verdict === 'fail' || (flag(call, 'strict') && verdict === 'warn') ? 1 : 0;
}
