import type { Terminal } from '../../src/cli/command.js';
import { run as runCommand } from '../../src/cli/run.js';
import { MACHINE_CLOCK } from '../../src/cli/clock.js';
import type { Status } from '../../src/cli/doctor/finding.js';

export interface Report {
  readonly version: number;
  readonly target: string | null;
  readonly verdict: string;
  readonly counts: Readonly<Record<Status, number>>;
  readonly checks: readonly {
    readonly id: string;
    readonly title: string;
    readonly status: Status;
    readonly observed: string;
    readonly remedy: string | null;
  }[];
}

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in this process, with these variables and no others. */
export async function run(
  args: readonly string[],
  variables: Terminal['variables'] = {},
  terminal: Partial<Terminal> = {},
): Promise<Run> {
  let [out, err] = ['', ''];
  const code = await runCommand(args, {
    variables,
    clock: MACHINE_CLOCK,
    isTerminal: false,
    isErrTerminal: false,
    who: 'cli:tester@here',
    onInterrupt: () => undefined,
    out: (text) => (out += text),
    err: (text) => (err += text),
    ...terminal,
  });
  return { code, out, err };
}

/** Runs the doctor and reads its report. */
export async function diagnose(
  variables: Terminal['variables'],
  args: readonly string[] = [],
  terminal: Partial<Terminal> = {},
): Promise<Run & { readonly report: Report }> {
  const result = await run(['doctor', '--json', ...args], variables, terminal);
  return { ...result, report: JSON.parse(result.out) as Report };
}

/** `status: observed` of one check. */
export function found({ report }: { readonly report: Report }, id: string): string {
  const check = report.checks.find((candidate) => candidate.id === id);
  return check ? `${check.status}: ${check.observed}` : `no check ${id}`;
}

/** The checks of a status. */
export function idsOf({ report }: { readonly report: Report }, status: Status): string[] {
  return report.checks.filter((check) => check.status === status).map(({ id }) => id);
}
