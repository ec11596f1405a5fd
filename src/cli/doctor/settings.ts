import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { CacheEnvironment, InvalidEnvironmentError, validateEnvironment } from '../../index.js';
import { type DoctorArguments, UsageError } from '../usage.js';

/** The variables of a process. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What the application would be configured with. */
export interface Settings {
  /** What the application's own check of its variables says against them; secrets masked. */
  readonly problems: readonly string[];
  /** Absent when no server can be reached with these variables. */
  readonly environment: CacheEnvironment | undefined;
  readonly metrics: MetricsEndpoint | undefined;
}

/** Where metrics are served. */
export interface MetricsEndpoint {
  readonly url: string;
  /** Whether somebody said so; otherwise it is a guess from the port. */
  readonly given: boolean;
}

/** Reads what the application would: the variables of the process, then those of `.env`. @throws UsageError for a file that cannot be read */
export function readSettings(args: DoctorArguments, variables: Variables): Settings {
  const raw: Variables = {
    ...fromFile(args.envFile),
    ...variables,
    ...(args.url !== undefined && { REDIS_URL: args.url }),
  };
  const metrics = metricsEndpoint(args.metricsUrl, raw['PORT']);
  const checked = check(raw);
  if (checked instanceof CacheEnvironment) return { problems: [], environment: checked, metrics };
  // What production refuses must not keep the doctor from looking at the rest.
  const lenient = check({ ...raw, NODE_ENV: 'development' });
  const environment = lenient instanceof CacheEnvironment ? lenient : undefined;
  if (environment && raw['NODE_ENV'] === 'production') environment.NODE_ENV = 'production';
  return { problems: checked, environment, metrics };
}

function fromFile(path: string | undefined): Variables {
  try {
    return parseEnv(readFileSync(path ?? '.env', 'utf8'));
  } catch (error) {
    if (path === undefined && error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new UsageError(`The file of variables ${JSON.stringify(path ?? '.env')} cannot be read.`);
  }
}

function check(raw: Variables): CacheEnvironment | readonly string[] {
  try {
    return validateEnvironment(CacheEnvironment, raw);
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^ *- /, ''));
  }
}

function metricsEndpoint(given: string | undefined, port: string | undefined): MetricsEndpoint | undefined {
  if (given !== undefined) return { url: given, given: true };
  if (port === undefined || !/^[1-9]\d{0,4}$/.test(port)) return undefined;
  return { url: `http://127.0.0.1:${port}/api/v1/metrics`, given: false };
}
