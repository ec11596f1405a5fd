import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface DoctorArguments {
  readonly json: boolean;
  readonly strict: boolean;
  readonly url: string | undefined;
  readonly metricsUrl: string | undefined;
  readonly envFile: string | undefined;
}

/** A command line that cannot be understood; the message quotes no URL, since one may hold a password. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `Usage: shadower-cache doctor [options]

Checks Redis, its configuration and the environment of this process against the production checklist. The variables say
which Redis: one server, the primary that Sentinels name, or every primary of a Cluster.

  --url URL           the one server to look at, instead of what the variables name
  --metrics-url URL   the endpoint that Prometheus scrapes, instead of http://127.0.0.1:PORT/api/v1/metrics
  --env-file FILE     variables to read, instead of .env; those of the process come first
  --json              a report for machines
  --strict            a warning fails, too
  --help              this text

Exit code: 0 nothing failed, 1 something did, 2 the command line cannot be understood.
`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  strict: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  url: { type: 'string' },
  'metrics-url': { type: 'string' },
  'env-file': { type: 'string' },
} as const;

/** The arguments after the program's name; `help` where that is asked for. @throws UsageError */
export function parseCommandLine(args: readonly string[]): DoctorArguments | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  const [command, ...more] = positionals;
  if (command === undefined) throw new UsageError('Say which command: doctor.');
  if (command !== 'doctor') throw new UsageError(`Unknown command ${quoted(command)}; there is one: doctor.`);
  if (more[0] !== undefined) throw new UsageError(`Unexpected argument ${quoted(more[0])}.`);
  const { json, strict, url } = values;
  return { json, strict, url, metricsUrl: httpUrl(values['metrics-url']), envFile: values['env-file'] };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) throw new UsageError(withoutUrls(error.message));
    throw error;
  }
}

function httpUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new UsageError('--metrics-url must be http://host:port/path or https://…');
}

function quoted(text: string): string {
  return JSON.stringify(withoutUrls(text));
}

function withoutUrls(text: string): string {
  return text.replace(/:\/\/\S*/g, '://…');
}
