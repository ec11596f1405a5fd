import { readFileSync } from 'node:fs';
import type { RedisTls } from '../stores/redis-target.js';
import { InvalidEnvironmentError } from './invalid-environment.js';
import type { CommonRedisOptions, RedisOptions } from './redis-options.js';

/** The variables that say where Redis is and how to use it. */
export interface RedisVariables {
  readonly REDIS_URL?: string;
  readonly REDIS_REPLICAS?: string;
  readonly REDIS_SENTINELS?: string;
  readonly REDIS_SENTINEL_NAME?: string;
  readonly REDIS_SENTINEL_USERNAME?: string;
  readonly REDIS_SENTINEL_PASSWORD?: string;
  readonly REDIS_CLUSTER_NODES?: string;
  readonly REDIS_USERNAME?: string;
  readonly REDIS_PASSWORD?: string;
  readonly REDIS_READ_FROM_REPLICAS: boolean;
  readonly REDIS_WAIT_REPLICAS: number;
  readonly REDIS_TLS_CA_FILE?: string;
  readonly REDIS_TLS_CERT_FILE?: string;
  readonly REDIS_TLS_KEY_FILE?: string;
  readonly REDIS_TLS_SERVER_NAME?: string;
  readonly CACHE_COMMAND_TIMEOUT_MS: number;
  readonly CACHE_RETRY_ATTEMPTS: number;
  readonly CACHE_RETRY_BASE_MS: number;
  readonly CACHE_FAIL_FAST: boolean;
}

/** What says where Redis is, one for each mode. */
const PLACES = ['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_CLUSTER_NODES'] as const;

/** Variables that only some modes have, and which those are. */
const BELONGING: readonly (readonly [keyof RedisVariables, readonly (typeof PLACES)[number][]])[] = [
  ['REDIS_REPLICAS', ['REDIS_URL']],
  ['REDIS_SENTINEL_NAME', ['REDIS_SENTINELS']],
  ['REDIS_SENTINEL_USERNAME', ['REDIS_SENTINELS']],
  ['REDIS_SENTINEL_PASSWORD', ['REDIS_SENTINELS']],
  ['REDIS_READ_FROM_REPLICAS', ['REDIS_SENTINELS', 'REDIS_CLUSTER_NODES']],
];

/** What is wrong with the variables of one mode beside those of another. */
export function modeProblems(environment: RedisVariables): string[] {
  const places = PLACES.filter((name) => environment[name] !== undefined);
  if (places.length > 1) return [`only one of ${PLACES.join(', ')} may be set; received ${places.join(' and ')}`];
  return BELONGING.filter(([name, with_]) => environment[name] && !with_.some((place) => places.includes(place))).map(
    ([name, with_]) => `${name} may be set only with ${with_.join(' or ')}; received it without`,
  );
}

/** Where Redis is and how to use it; `undefined` when no variable says where. @throws InvalidEnvironmentError for a certificate that cannot be read */
export function redisOptionsFrom(environment: RedisVariables): RedisOptions | undefined {
  const { REDIS_URL, REDIS_REPLICAS, REDIS_SENTINELS, REDIS_CLUSTER_NODES } = environment;
  if (REDIS_URL !== undefined)
    return {
      url: REDIS_URL,
      ...(REDIS_REPLICAS !== undefined && { replicas: urlsIn(REDIS_REPLICAS) }),
      ...commonOptions(environment),
    };
  const common = { ...commonOptions(environment), readFromReplicas: environment.REDIS_READ_FROM_REPLICAS };
  if (REDIS_CLUSTER_NODES !== undefined) return { mode: 'cluster', nodes: urlsIn(REDIS_CLUSTER_NODES), ...common };
  if (REDIS_SENTINELS === undefined) return undefined;
  return {
    mode: 'sentinel',
    sentinels: urlsIn(REDIS_SENTINELS),
    ...given('name', environment.REDIS_SENTINEL_NAME),
    ...given('sentinelUsername', environment.REDIS_SENTINEL_USERNAME),
    ...given('sentinelPassword', environment.REDIS_SENTINEL_PASSWORD),
    ...common,
  };
}

function commonOptions(environment: RedisVariables): CommonRedisOptions {
  return {
    ...given('username', environment.REDIS_USERNAME),
    ...given('password', environment.REDIS_PASSWORD),
    tls: tlsFrom(environment),
    waitReplicas: environment.REDIS_WAIT_REPLICAS,
    commandTimeoutMs: environment.CACHE_COMMAND_TIMEOUT_MS,
    retry: { attempts: environment.CACHE_RETRY_ATTEMPTS, baseMs: environment.CACHE_RETRY_BASE_MS },
    failFast: environment.CACHE_FAIL_FAST,
  };
}

function tlsFrom(environment: RedisVariables): RedisTls {
  return {
    ...given('ca', textOf(environment, 'REDIS_TLS_CA_FILE')),
    ...given('cert', textOf(environment, 'REDIS_TLS_CERT_FILE')),
    ...given('key', textOf(environment, 'REDIS_TLS_KEY_FILE')),
    ...given('serverName', environment.REDIS_TLS_SERVER_NAME),
  };
}

function textOf(
  environment: RedisVariables,
  name: 'REDIS_TLS_CA_FILE' | 'REDIS_TLS_CERT_FILE' | 'REDIS_TLS_KEY_FILE',
): string | undefined {
  const path = environment[name];
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new InvalidEnvironmentError([`${name} must be a file that can be read; received ${JSON.stringify(path)}`]);
  }
}

/** URLs separated by commas; `host:port` alone stands for `redis://host:port`. */
function urlsIn(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '').map((part) => (part.includes('://') ? part : `redis://${part}`));
}

function given<const N extends string>(name: N, value: string | undefined): Partial<Record<N, string>> {
  return value === undefined ? {} : ({ [name]: value } as Record<N, string>);
}
