import type { Clock } from './clock.js';
import { examine } from './doctor/doctor.js';
import { readSettings, type Variables } from './doctor/settings.js';
import { reportForMachines, reportForPeople, verdictOf } from './report.js';
import { type DoctorArguments, HELP, parseCommandLine, UsageError } from './usage.js';

/** What the command is run in. */
export interface Terminal {
  readonly variables: Variables;
  readonly clock: Clock;
  /** Whether a person reads it, so that colours make sense. */
  readonly isTerminal: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs the command and says its exit code: 0 nothing failed, 1 something did, 2 the command line cannot be understood. */
export async function run(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  try {
    const parsed = parseCommandLine(args);
    if (parsed !== 'help') return await doctor(parsed, terminal);
    terminal.out(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`${error.message}\n\n${HELP}`);
    return 2;
  }
}

async function doctor(args: DoctorArguments, { variables, clock, isTerminal, out }: Terminal): Promise<0 | 1> {
  const diagnosis = await examine(readSettings(args, variables), clock);
  const colours = isTerminal && (variables['NO_COLOR'] ?? '') === '';
  out(args.json ? reportForMachines(diagnosis) : reportForPeople(diagnosis, colours));
  const verdict = verdictOf(diagnosis);
  return verdict === 'fail' || (args.strict && verdict === 'warn') ? 1 : 0;
}
