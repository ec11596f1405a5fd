import 'reflect-metadata';
import { plainToInstance, Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  validateSync,
  type ValidationError,
} from 'class-validator';
import { LONGEST_TTL } from '../keys/load-policy.js';
import { maskUrl } from '../primitives/mask-url.js';
import type { CacheModuleOptions } from './cache-options.js';
import { InvalidEnvironmentError } from './invalid-environment.js';
import { modeProblems, redisOptionsFrom } from './redis-environment.js';

/** The password that development set-ups are published with, and production must not use. */
export const DEVELOPMENT_PASSWORD = 'shadower_redis_dev_password_change_in_production';

const ToBoolean = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

/** The cache's environment variables. Extend it with your application's and check both with {@link validateEnvironment}. */
export class CacheEnvironment {
  @IsOptional()
  @IsIn(['development', 'production', 'test'])
  NODE_ENV: string = 'development';

  /** `redis://…` or `rediss://…`; absent: no Redis. */
  @IsOptional()
  @Matches(/^(rediss?:\/\/[^\s]+|unix:\/\/\/[^\s]+)$/, {
    message: 'REDIS_URL must be redis://[user][:password]@host[:port][/db], rediss://… or unix:///path/to/socket',
  })
  REDIS_URL?: string;

  /** URLs of replicas from which entries are read, separated by commas. */
  @IsOptional()
  @IsString()
  REDIS_REPLICAS?: string;

  /** URLs of Sentinels, separated by commas, instead of `REDIS_URL`. */
  @IsOptional()
  @IsString()
  REDIS_SENTINELS?: string;

  /** What the Sentinels call the primary. */
  @IsOptional()
  @Matches(/^[\w.-]+$/, { message: 'REDIS_SENTINEL_NAME must be letters, digits, _ - and .' })
  REDIS_SENTINEL_NAME?: string;

  /** What the Sentinels themselves ask for. */
  @IsOptional()
  @IsString()
  REDIS_SENTINEL_USERNAME?: string;

  @IsOptional()
  @IsString()
  REDIS_SENTINEL_PASSWORD?: string;

  /** URLs of some nodes of a Cluster, separated by commas, instead of `REDIS_URL`. */
  @IsOptional()
  @IsString()
  REDIS_CLUSTER_NODES?: string;

  @IsOptional()
  @IsString()
  REDIS_USERNAME?: string;

  @IsOptional()
  @IsString()
  REDIS_PASSWORD?: string;

  /** Whether entries are read from the replicas of a Cluster or behind Sentinels. */
  @ToBoolean()
  @IsBoolean()
  REDIS_READ_FROM_REPLICAS: boolean = false;

  /** How many replicas must have an invalidation until it is acknowledged. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(100)
  REDIS_WAIT_REPLICAS: number = 0;

  /** File with the certificate of the authority that signed those of the servers. */
  @IsOptional()
  @IsString()
  REDIS_TLS_CA_FILE?: string;

  /** Files with our own certificate and its key, for servers that ask for one. */
  @IsOptional()
  @IsString()
  REDIS_TLS_CERT_FILE?: string;

  @IsOptional()
  @IsString()
  REDIS_TLS_KEY_FILE?: string;

  /** The name that the certificates of the servers must carry. */
  @IsOptional()
  @IsString()
  REDIS_TLS_SERVER_NAME?: string;

  @Matches(/^[a-zA-Z0-9_.-]+(:[a-zA-Z0-9_.-]+)*$/, {
    message: 'CACHE_PREFIX must be words of a-z A-Z 0-9 _ - . separated by colons',
  })
  CACHE_PREFIX: string = 'shadower';

  /** What the history of invalidations calls this process, before a random part: the name of the host, say. */
  @IsOptional()
  @Matches(/^[\w.-]{1,64}$/, { message: 'CACHE_INSTANCE must be 1 to 64 letters, digits, _ - and .' })
  CACHE_INSTANCE?: string;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  CACHE_L1_MAX_ENTRIES: number = 10_000;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  CACHE_L1_MAX_BYTES: number = 67_108_864;

  /** Seconds. */
  @Type(() => Number)
  @IsNumber()
  @Min(0.001)
  @Max(LONGEST_TTL)
  CACHE_DEFAULT_TTL: number = 300;

  @Type(() => Number)
  @IsNumber()
  @Min(1)
  @Max(60_000)
  CACHE_COMMAND_TIMEOUT_MS: number = 200;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100_000)
  CACHE_SCAN_COUNT: number = 500;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(20)
  CACHE_RETRY_ATTEMPTS: number = 5;

  @Type(() => Number)
  @IsNumber()
  @Min(1)
  @Max(600_000)
  CACHE_RETRY_BASE_MS: number = 2_000;

  /** Share of the hits that are looked into where neither template nor call says: 0 to 1. */
  @Type(() => Number)
  @IsNumber()
  @Min(0)
  @Max(1)
  CACHE_SPOT_CHECK: number = 0;

  @ToBoolean()
  @IsBoolean()
  CACHE_FAIL_FAST: boolean = false;

  @ToBoolean()
  @IsBoolean()
  METRICS_ENABLED: boolean = true;
}

/** `raw` as an instance of `Environment`, numbers and booleans converted, defaults filled in; an empty variable counts as absent. @throws InvalidEnvironmentError */
export function validateEnvironment<E extends CacheEnvironment>(
  Environment: new () => E,
  raw: Readonly<Record<string, unknown>>,
): E {
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== '' && value !== undefined));
  const environment = plainToInstance(Environment, given, { exposeDefaultValues: true });
  const problems = validateSync(environment, { skipMissingProperties: false }).map((error) =>
    toProblem(error, given[error.property]),
  );
  if (problems.length === 0) problems.push(...modeProblems(environment), ...secretProblems(environment));
  if (problems.length > 0) throw new InvalidEnvironmentError(problems);
  return environment;
}

/** The cache's options that an environment asks for. @throws InvalidEnvironmentError for a certificate that cannot be read */
export function cacheOptionsFrom(environment: CacheEnvironment): CacheModuleOptions {
  const redis = redisOptionsFrom(environment);
  return {
    ...(redis && { redis }),
    prefix: environment.CACHE_PREFIX,
    ...(environment.CACHE_INSTANCE !== undefined && { instance: environment.CACHE_INSTANCE }),
    memory: { maxEntries: environment.CACHE_L1_MAX_ENTRIES, maxBytes: environment.CACHE_L1_MAX_BYTES },
    defaultTtl: environment.CACHE_DEFAULT_TTL,
    scanCount: environment.CACHE_SCAN_COUNT,
    spotCheck: environment.CACHE_SPOT_CHECK,
  };
}

function toProblem({ property, constraints = {} }: ValidationError, value: unknown): string {
  const rules = Object.values(constraints).join(' and ');
  return `${rules.startsWith(property) ? '' : `${property}: `}${rules}; received ${shown(property, value)}`;
}

function shown(property: string, value: unknown): string {
  if (/PASSWORD|SECRET|TOKEN/.test(property)) return '***';
  return typeof value === 'string' ? JSON.stringify(maskUrl(value)) : String(value);
}

function secretProblems(environment: CacheEnvironment): string[] {
  const { NODE_ENV, REDIS_URL, REDIS_PASSWORD, REDIS_SENTINELS, REDIS_CLUSTER_NODES } = environment;
  const place = REDIS_URL ?? REDIS_CLUSTER_NODES ?? (REDIS_SENTINELS === undefined ? undefined : '');
  if (place === undefined) return [];
  const inUrl = passwordIn(place.split(',')[0] as string);
  if (inUrl === undefined)
    return [`REDIS_URL must have its user and password percent-encoded; received ${shown('REDIS_URL', place)}`];
  if (NODE_ENV !== 'production') return [];
  const password = inUrl === '' ? (REDIS_PASSWORD ?? '') : inUrl;
  const rule = 'REDIS_PASSWORD must be set in production, to one of your own (openssl rand -base64 32)';
  if (password === '') return [`${rule}; received none`];
  return password === DEVELOPMENT_PASSWORD ? [`${rule}; received the published development password`] : [];
}

/** Empty for none, `undefined` when it cannot be decoded. */
function passwordIn(url: string): string | undefined {
  try {
    return URL.canParse(url) ? decodeURIComponent(new URL(url).password) : '';
  } catch {
    return undefined;
  }
}
