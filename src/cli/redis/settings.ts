import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import {
  CacheEnvironment,
  type CacheModuleOptions,
  cacheOptionsFrom,
  InvalidEnvironmentError,
  validateEnvironment,
} from '../../index.js';
import type { Call, Variables } from '../command.js';
import { httpUrl, text, UsageError } from '../usage.js';
import { type Place, placeOf } from './place.js';

/** What the application would be configured with. */
export interface Settings {
  /** What the application's own check of its variables says against them; secrets masked. */
  readonly problems: readonly string[];
  /** Absent when nothing can be made of these variables. */
  readonly configured: Configured | undefined;
  readonly metrics: MetricsEndpoint | undefined;
}

/** What the application makes of its variables. */
export interface Configured {
  readonly environment: CacheEnvironment;
  readonly options: CacheModuleOptions;
  /** Absent when no server can be reached. */
  readonly place: Place | undefined;
}

/** Where metrics are served. */
export interface MetricsEndpoint {
  readonly url: string;
  /** Whether somebody said so; otherwise it is a guess from the port. */
  readonly given: boolean;
}

/** What `--url` stands for alone: it names one server, and these tell of others or of what only others have. */
const OTHER_PLACES: Variables = {
  REDIS_REPLICAS: undefined,
  REDIS_SENTINELS: undefined,
  REDIS_SENTINEL_NAME: undefined,
  REDIS_SENTINEL_USERNAME: undefined,
  REDIS_SENTINEL_PASSWORD: undefined,
  REDIS_CLUSTER_NODES: undefined,
  REDIS_READ_FROM_REPLICAS: undefined,
};

/** Reads what the application would: the variables of the process, then those of `.env`. @throws UsageError for a file that cannot be read */
export function readSettings(call: Call, variables: Variables): Settings {
  const url = text(call, 'url');
  const raw: Variables = {
    ...fromFile(text(call, 'env-file')),
    ...variables,
    ...(url !== undefined && { ...OTHER_PLACES, REDIS_URL: url }),
  };
  const metrics = metricsEndpoint(httpUrl(call, 'metrics-url'), raw['PORT']);
  const strict = configure(raw);
  if ('options' in strict) return { problems: [], configured: strict, metrics };
  // What production refuses must not keep the doctor from looking at the rest.
  const lenient = configure({ ...raw, NODE_ENV: 'development' });
  const configured = 'options' in lenient ? lenient : undefined;
  if (configured && raw['NODE_ENV'] === 'production') configured.environment.NODE_ENV = 'production';
  return { problems: strict, configured, metrics };
}

function fromFile(path: string | undefined): Variables {
  try {
    return parseEnv(readFileSync(path ?? '.env', 'utf8'));
  } catch (error) {
    if (path === undefined && error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new UsageError(`The file of variables ${JSON.stringify(path ?? '.env')} cannot be read.`);
  }
}

/** What the application would be made with, or what keeps it from starting. */
function configure(raw: Variables): Configured | readonly string[] {
  try {
    const environment = validateEnvironment(CacheEnvironment, raw);
    const options = cacheOptionsFrom(environment);
    return { environment, options, place: options.redis && placeOf(options.redis) };
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
