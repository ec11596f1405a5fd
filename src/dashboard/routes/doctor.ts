import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Milliseconds } from '../../primitives/units.js';
import type { DoctorReport, DoctorResult } from '../contract.js';
import { Refused } from '../problems.js';

const LONGEST: Milliseconds = 60_000;
const MOST_BYTES = 1_048_576;

/** What the command line prints; its form is told in docs/doctor.md. */
interface Printed {
  readonly version: 1;
  readonly target: string | null;
  readonly verdict: DoctorReport['verdict'];
  readonly checks: readonly (Omit<DoctorResult, 'remedy'> & { readonly remedy: string | null })[];
}

/**
 * Runs the production checklist in a process of its own: what it asks of Redis, it asks with connections and timers that
 * must not be this application's.
 */
export class Doctor {
  #running: Promise<Printed> | undefined;

  constructor(
    private readonly commandLine: string,
    private readonly now: () => Milliseconds,
  ) {}

  /** One at a time: whoever asks meanwhile is told the same. @throws Refused where it cannot run */
  async examine(): Promise<DoctorReport> {
    if (!existsSync(this.commandLine))
      throw new Refused(
        501,
        'NO_DOCTOR',
        'The command line is not built here: run npx shadower-cache doctor elsewhere.',
      );
    this.#running ??= printed(this.commandLine).finally(() => {
      this.#running = undefined;
    });
    const { target, verdict, checks } = await this.#running;
    const results = checks.map(({ remedy, ...check }) => ({ ...check, ...(remedy !== null && { remedy }) }));
    return { at: this.now(), target, verdict, results };
  }
}

/** Its exit code tells the verdict, which is printed too. */
function printed(commandLine: string): Promise<Printed> {
  const options = { timeout: LONGEST, maxBuffer: MOST_BYTES };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [commandLine, 'doctor', '--json'], options, (_error, stdout) => {
      try {
        resolve(JSON.parse(stdout) as Printed);
      } catch {
        reject(new Refused(501, 'NO_DOCTOR', 'The checklist could not be run: try npx shadower-cache doctor.'));
      }
    });
  });
}
