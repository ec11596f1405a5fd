import { describe, expect, it } from 'vitest';
import { CacheEnvironment, cacheOptionsFrom, DEVELOPMENT_PASSWORD, validateEnvironment } from './environment.js';
import { InvalidEnvironmentError } from './invalid-environment.js';

const read = (raw: Record<string, unknown>): CacheEnvironment => validateEnvironment(CacheEnvironment, raw);
const refused = (raw: Record<string, unknown>): string => {
  try {
    read(raw);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidEnvironmentError);
    return (error as Error).message;
  }
  throw new Error('was not refused');
};

describe('an empty environment', () => {
  it('takes every default', () => {
    expect(Object.fromEntries(Object.entries(read({})))).toEqual({
      NODE_ENV: 'development',
      CACHE_PREFIX: 'shadower',
      CACHE_L1_MAX_ENTRIES: 10_000,
      CACHE_L1_MAX_BYTES: 67_108_864,
      CACHE_DEFAULT_TTL: 300,
      CACHE_COMMAND_TIMEOUT_MS: 200,
      CACHE_SCAN_COUNT: 500,
      CACHE_RETRY_ATTEMPTS: 5,
      CACHE_RETRY_BASE_MS: 2_000,
      CACHE_SPOT_CHECK: 0,
      CACHE_FAIL_FAST: false,
      METRICS_ENABLED: true,
      REDIS_READ_FROM_REPLICAS: false,
      REDIS_WAIT_REPLICAS: 0,
    });
  });

  it('is one whose variables are all empty', () => {
    const empty = Object.fromEntries(Object.keys(read({})).map((name) => [name, '']));

    expect(read({ ...empty, REDIS_URL: '', REDIS_PASSWORD: '' })).toEqual(read({}));
  });

  it('asks for a cache in memory only', () => {
    expect(cacheOptionsFrom(read({}))).not.toHaveProperty('redis');
  });
});

describe('a full environment', () => {
  const FULL = {
    NODE_ENV: 'production',
    REDIS_URL: 'rediss://ada@host:7000/2',
    REDIS_REPLICAS: 'rediss://b, rediss://c:7001,',
    REDIS_USERNAME: 'ada',
    REDIS_PASSWORD: 'own',
    REDIS_WAIT_REPLICAS: '1',
    REDIS_TLS_SERVER_NAME: 'redis.internal',
    CACHE_PREFIX: 'my:app',
    CACHE_INSTANCE: 'pod-7',
    CACHE_L1_MAX_ENTRIES: '5',
    CACHE_L1_MAX_BYTES: '6',
    CACHE_DEFAULT_TTL: '7.5',
    CACHE_COMMAND_TIMEOUT_MS: '80',
    CACHE_SCAN_COUNT: '9',
    CACHE_RETRY_ATTEMPTS: '10',
    CACHE_RETRY_BASE_MS: '11',
    CACHE_SPOT_CHECK: '0.01',
    CACHE_FAIL_FAST: 'true',
    METRICS_ENABLED: 'false',
  };

  it('is read as numbers and booleans', () => {
    expect(read(FULL)).toMatchObject({
      CACHE_L1_MAX_ENTRIES: 5,
      CACHE_DEFAULT_TTL: 7.5,
      CACHE_FAIL_FAST: true,
      METRICS_ENABLED: false,
    });
  });

  it('becomes the options of the cache', () => {
    expect(cacheOptionsFrom(read(FULL))).toEqual({
      redis: {
        url: 'rediss://ada@host:7000/2',
        replicas: ['rediss://b', 'rediss://c:7001'],
        username: 'ada',
        password: 'own',
        tls: { serverName: 'redis.internal' },
        waitReplicas: 1,
        commandTimeoutMs: 80,
        retry: { attempts: 10, baseMs: 11 },
        failFast: true,
      },
      prefix: 'my:app',
      instance: 'pod-7',
      memory: { maxEntries: 5, maxBytes: 6 },
      defaultTtl: 7.5,
      scanCount: 9,
      spotCheck: 0.01,
    });
  });
});

describe('the place of Redis', () => {
  const redisOf = (raw: Record<string, string>): unknown => cacheOptionsFrom(read(raw)).redis;

  it('is what Sentinels say', () => {
    const raw = { REDIS_SENTINELS: 'a:7,redis://b', REDIS_SENTINEL_NAME: 'main', REDIS_SENTINEL_PASSWORD: 'p' };
    expect(redisOf({ ...raw, REDIS_READ_FROM_REPLICAS: 'true' })).toMatchObject({
      mode: 'sentinel',
      sentinels: ['redis://a:7', 'redis://b'],
      name: 'main',
      sentinelPassword: 'p',
      readFromReplicas: true,
    });
  });

  it('is a Cluster', () => {
    expect(redisOf({ REDIS_CLUSTER_NODES: 'redis://a:1,redis://b:2', REDIS_USERNAME: 'app' })).toMatchObject({
      mode: 'cluster',
      nodes: ['redis://a:1', 'redis://b:2'],
      username: 'app',
    });
  });

  it('is a socket', () => {
    expect(redisOf({ REDIS_URL: 'unix:///run/redis.sock?db=1' })).toMatchObject({ url: 'unix:///run/redis.sock?db=1' });
  });

  it('is told once', () => {
    expect(refused({ REDIS_URL: 'redis://a', REDIS_SENTINELS: 'b' })).toMatch(
      /only one of REDIS_URL, REDIS_SENTINELS, REDIS_CLUSTER_NODES may be set; received REDIS_URL and REDIS_SENTINELS/,
    );
  });

  it.each([
    ['REDIS_REPLICAS', { REDIS_CLUSTER_NODES: 'a' }, /REDIS_REPLICAS may be set only with REDIS_URL/],
    ['REDIS_SENTINEL_NAME', { REDIS_URL: 'redis://a' }, /only with REDIS_SENTINELS/],
    ['REDIS_READ_FROM_REPLICAS', { REDIS_URL: 'redis://a' }, /only with REDIS_SENTINELS or REDIS_CLUSTER_NODES/],
  ])('has no %s in another mode', (name, raw, message) => {
    expect(refused({ ...raw, [name]: 'true' })).toMatch(message);
  });

  it('has certificates that can be read', () => {
    expect(() => redisOf({ REDIS_URL: 'rediss://a', REDIS_TLS_CA_FILE: '/nowhere/ca.pem' })).toThrow(
      /REDIS_TLS_CA_FILE must be a file that can be read; received "\/nowhere\/ca.pem"/,
    );
  });
});

describe('a bad value', () => {
  it.each([
    ['NODE_ENV', 'staging', /one of the following values: development, production, test/],
    ['REDIS_URL', 'localhost:6379', /redis:\/\/\[user\]\[:password\]@host/],
    ['REDIS_URL', 'http://host', /redis:\/\//],
    ['REDIS_URL', 'redis://', /redis:\/\//],
    ['CACHE_PREFIX', 'a b', /words of a-z A-Z 0-9/],
    ['CACHE_PREFIX', 'a*', /words of/],
    ['CACHE_PREFIX', 'a{b}', /words of/],
    ['CACHE_L1_MAX_ENTRIES', '-1', /not be less than 0/],
    ['CACHE_L1_MAX_ENTRIES', '1.5', /integer/],
    ['CACHE_L1_MAX_BYTES', 'much', /integer/],
    ['CACHE_DEFAULT_TTL', '0', /not be less than 0.001/],
    ['CACHE_DEFAULT_TTL', '40000000', /not be greater than 31622400/],
    ['CACHE_DEFAULT_TTL', 'Infinity', /number/],
    ['CACHE_DEFAULT_TTL', '-5', /not be less than/],
    ['CACHE_COMMAND_TIMEOUT_MS', '0', /not be less than 1/],
    ['CACHE_COMMAND_TIMEOUT_MS', '60001', /not be greater than 60000/],
    ['CACHE_SCAN_COUNT', '0', /not be less than 1/],
    ['CACHE_SCAN_COUNT', '100001', /not be greater than 100000/],
    ['CACHE_RETRY_ATTEMPTS', '21', /not be greater than 20/],
    ['CACHE_RETRY_ATTEMPTS', 'five', /integer/],
    ['CACHE_RETRY_BASE_MS', '0', /not be less than 1/],
    ['CACHE_RETRY_BASE_MS', '600001', /not be greater than 600000/],
    ['CACHE_FAIL_FAST', 'yes', /boolean/],
    ['METRICS_ENABLED', '1', /boolean/],
  ])('of %s is refused with the rule: %s', (name, value, rule) => {
    const message = refused({ [name]: value });

    expect(message).toMatch(/^The environment is not usable:\n {2}- /);
    expect(message).toContain(name);
    expect(message).toMatch(rule);
    expect(message).toMatch(/; received .+$/);
  });

  it('is shown as it was received, be it number or text', () => {
    expect(refused({ CACHE_PREFIX: 'a b' })).toMatch(/received "a b"$/);
    expect(refused({ CACHE_SCAN_COUNT: '0' })).toMatch(/received "0"$/);
    expect(refused({ CACHE_FAIL_FAST: 'yes' })).toMatch(/received "yes"$/);
  });

  it('is told together with every other one', () => {
    const lines = refused({ CACHE_PREFIX: 'a b', CACHE_SCAN_COUNT: '0', CACHE_FAIL_FAST: 'yes' }).split('\n');

    expect(lines).toHaveLength(4);
  });

  it.each(['http://ada:hunt2@host', 'ada:hunt2@host:6379', 'redis ://ada:hunt@2@host'])(
    'does not show a password: %s',
    (url) => {
      expect(refused({ REDIS_URL: url })).not.toMatch(/hunt/);
    },
  );

  it('of the password is masked', () => {
    expect(refused({ REDIS_PASSWORD: { secret: 'hunt2' } })).toMatch(
      /REDIS_PASSWORD must be a string; received \*\*\*$/,
    );
  });
});

describe('in production', () => {
  const production = (raw: object): Record<string, unknown> => ({
    NODE_ENV: 'production',
    REDIS_URL: 'redis://host',
    ...raw,
  });
  const published = encodeURIComponent(DEVELOPMENT_PASSWORD);

  it.each([
    ['no password', {}, 'received none'],
    [
      'the development password',
      { REDIS_PASSWORD: DEVELOPMENT_PASSWORD },
      'received the published development password',
    ],
    [
      'the development password in the URL',
      { REDIS_URL: `redis://:${published}@host` },
      'received the published development password',
    ],
    [
      'it in the URL and one of our own beside it',
      { REDIS_URL: `redis://:${published}@host`, REDIS_PASSWORD: 'own' },
      'published',
    ],
  ])('%s is refused, with what to do', (_, raw, why) => {
    const message = refused(production(raw));

    expect(message).toContain('REDIS_PASSWORD must be set in production, to one of your own (openssl rand -base64 32)');
    expect(message).toContain(why);
    expect(message).not.toContain(DEVELOPMENT_PASSWORD);
  });

  it.each([[{ REDIS_PASSWORD: 'own' }], [{ REDIS_URL: 'redis://:own@host' }], [{ REDIS_URL: undefined }]])(
    '%j is fine',
    (raw) => {
      expect(read(production(raw)).NODE_ENV).toBe('production');
    },
  );

  it('a URL whose password is not encoded well is refused like any other bad value', () => {
    expect(refused(production({ REDIS_URL: 'redis://:100%@host' }))).toMatch(
      /REDIS_URL.*received "redis:\/\/:\*\*\*@host"/,
    );
  });

  it('in development the published password is allowed', () => {
    expect(read({ REDIS_URL: 'redis://host', REDIS_PASSWORD: DEVELOPMENT_PASSWORD }).REDIS_PASSWORD).toBe(
      DEVELOPMENT_PASSWORD,
    );
  });
});

describe('an environment of the application', () => {
  it('extends that of the cache', () => {
    class Extended extends CacheEnvironment {
      PORT = 3000;
    }

    expect(validateEnvironment(Extended, { CACHE_SCAN_COUNT: '7' })).toMatchObject({ PORT: 3000, CACHE_SCAN_COUNT: 7 });
  });
});
