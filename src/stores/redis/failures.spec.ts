import { describe, expect, it } from 'vitest';
import { REMOTE_FAILURES, RemoteStoreError } from '../contracts.js';
import { failureOf, wrapFailure } from './failures.js';

const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code });

describe('failureOf', () => {
  it.each([
    ['NOAUTH Authentication required.', 'authentication'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'authentication'],
    ['ERR AUTH <password> called without any password configured for the default user.', 'authentication'],
    ["NOPERM this user has no permissions to run the 'unlink' command", 'permission'],
    ["ERR The user executing the script can't run this command or subcommand script: 2c72", 'permission'],
    ["ERR ACL failure in script: User default has no permissions to run the 'get' command", 'permission'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'out-of-memory'],
    ["READONLY You can't write against a read only replica.", 'read-only'],
    [
      'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
      'read-only',
    ],
    ['NOREPLICAS Not enough good replicas to write.', 'read-only'],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'read-only'],
    ['LOADING Redis is loading the dataset in memory', 'loading'],
    ['BUSY Redis is busy running a script.', 'loading'],
    ['CLUSTERDOWN The cluster is down', 'unavailable'],
    ['MOVED 3999 127.0.0.1:6381', 'unavailable'],
    ['ASK 3999 127.0.0.1:6381', 'unavailable'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'loading'],
    ['Command timed out', 'timeout'],
    ["Socket timeout. Expecting data, but didn't receive any in 1000ms.", 'timeout'],
    ["Stream isn't writeable and enableOfflineQueue options is false", 'unavailable'],
    ['Connection is closed.', 'unavailable'],
    ['Reached the max retries per request limit (which is 0).', 'unavailable'],
    ['connect ECONNREFUSED 127.0.0.1:6390', 'unavailable'],
    ['read ECONNRESET', 'unavailable'],
    ['write EPIPE', 'unavailable'],
    ['getaddrinfo ENOTFOUND redis.invalid', 'unavailable'],
    ['getaddrinfo EAI_AGAIN redis', 'unavailable'],
    ['connect ETIMEDOUT', 'unavailable'],
    ['connect EHOSTUNREACH 10.0.0.1:6379', 'unavailable'],
    ['connect ENETUNREACH 10.0.0.1:6379', 'unavailable'],
    ['ERR max number of clients reached', 'overloaded'],
    ['Failed to refresh slots cache.', 'unavailable'],
    ['Cluster is disconnected.', 'unavailable'],
    ['Node is disconnected', 'unavailable'],
    ["Cluster isn't ready and enableOfflineQueue options is false", 'unavailable'],
    ['None of startup nodes is available', 'unavailable'],
    ['unable to verify the first certificate', 'certificate'],
    ['certificate has expired', 'certificate'],
    ["Hostname/IP does not match certificate's altnames: IP: 10.0.0.1 is not in the cert's list", 'certificate'],
    ['self-signed certificate in certificate chain', 'certificate'],
    ['error:0A000415:SSL routines:ssl3_read_bytes:sslv3 alert certificate expired', 'certificate'],
    ['error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca', 'certificate'],
    ['All sentinels are unreachable. Retrying from scratch. Last error: certificate has expired', 'certificate'],
    ['ERR unknown command', 'protocol'],
    ['', 'protocol'],
  ] as const)('of "%s" is %s', (message, failure) => {
    expect(failureOf(new Error(message))).toBe(failure);
  });

  it('looks at the code of a system error too, and takes anything', () => {
    expect(failureOf(withCode('', 'ECONNREFUSED'))).toBe('unavailable');
    for (const thing of ['text', undefined, null, 7, {}]) expect(REMOTE_FAILURES).toContain(failureOf(thing));
  });
});

it('takes the reason of the last node where no node of a Cluster answered', () => {
  const none = Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: new Error('NOAUTH') });
  expect(failureOf(none)).toBe('authentication');
  expect(failureOf(Object.assign(none, { lastNodeError: null }))).toBe('unavailable');
});

describe('wrapFailure', () => {
  it('carries nothing of the client’s error: that holds the command with password and values', () => {
    const raw = Object.assign(new Error('WRONGPASS hunt2'), { command: { name: 'auth', args: ['ada', 'hunt2'] } });

    const wrapped = wrapFailure('fetch', raw, '');

    expect(wrapped).toBeInstanceOf(RemoteStoreError);
    expect(wrapped).toMatchObject({
      failure: 'authentication',
      operation: 'fetch',
      family: 'infrastructure',
      fields: { failure: 'authentication', operation: 'fetch' },
    });
    expect([JSON.stringify(wrapped), wrapped.message, wrapped.stack, String(wrapped.cause)].join()).not.toContain(
      'hunt2',
    );
  });

  it('does not wrap twice', () => {
    const error = new RemoteStoreError('timeout', 'fetch', 'x');
    expect(wrapFailure('other', error, '')).toBe(error);
  });

  it('says of every failure what to look at', () => {
    const sentences = [
      'NOAUTH',
      'certificate has expired',
      'NOPERM',
      'OOM',
      'READONLY',
      'LOADING',
      'timed out',
      'ECONNREFUSED',
      'max number of clients',
      '?',
    ].map((message) => wrapFailure('fetch', new Error(message), '').message);

    // All but `circuit-open`: no client says that.
    expect(new Set(sentences).size).toBe(REMOTE_FAILURES.length - 1);
    for (const sentence of sentences) expect(sentence).toMatch(/^Redis fetch failed \([a-z-]+\): .{10,}/);
  });
});
