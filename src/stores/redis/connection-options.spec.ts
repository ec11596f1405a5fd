import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../primitives/errors.js';
import { clientOptions, type RedisTarget } from './connection-options.js';

const target = (url: string, password?: string): RedisTarget => ({
  url,
  password,
  commandTimeout: 200,
  retry: { attempts: 5, base: 2_000, cap: 600_000, jitter: 0 },
});
const reached = (url: string, password?: string): object => {
  const { host, port, db, username, password: secret, tls } = clientOptions(target(url, password), 200);
  return Object.fromEntries(
    Object.entries({ host, port, db, username, password: secret, tls }).filter(([, value]) => value !== undefined),
  );
};

describe('clientOptions', () => {
  it.each([
    ['redis://host', undefined, { host: 'host', port: 6379, db: 0 }],
    ['redis://host:7000/', undefined, { host: 'host', port: 7000, db: 0 }],
    ['redis://127.0.0.1:7000/15', undefined, { host: '127.0.0.1', port: 7000, db: 15 }],
    ['redis://[::1]:7000/1', undefined, { host: '::1', port: 7000, db: 1 }],
    ['rediss://host', undefined, { host: 'host', port: 6379, db: 0, tls: {} }],
    ['redis://:hunt%402@host', undefined, { host: 'host', port: 6379, db: 0, password: 'hunt@2' }],
    ['redis://ada:hunt2@host', 'other', { host: 'host', port: 6379, db: 0, username: 'ada', password: 'hunt2' }],
    ['redis://ada@host', 'hunt2', { host: 'host', port: 6379, db: 0, username: 'ada', password: 'hunt2' }],
    ['redis://host', 'hunt2', { host: 'host', port: 6379, db: 0, password: 'hunt2' }],
  ])('reads %s (password %s)', (url, password, expected) => {
    expect(reached(url, password)).toEqual(expected);
  });

  it.each([
    '',
    'host:6379',
    'http://host',
    'redis://',
    'redis://:6379',
    'redis://host:99999',
    'redis://host/one',
    'redis://host/-1',
    'redis://host/1/2',
    'redis://h:1:2',
  ])('refuses %j with the variable and the rule', (url) => {
    expect(() => clientOptions(target(url), 200)).toThrow(InvalidOptionError);
    expect(() => clientOptions(target(url), 200)).toThrow(/^REDIS_URL must be /);
  });

  it.each([
    'http://ada:hunt2@host',
    'ada:hunt2@host:6379',
    'redis://ada:hunt2@host/one',
    'redis://ada:hunt2@host:99999',
    'redis://ada:hunt/2@host',
    'redis://ada:hunt%@host',
  ])('does not show the password of a URL that it refuses: %s', (url) => {
    expect(() => clientOptions(target(url), 200)).toThrow(/ada:\*\*\*@/);
    expect(() => clientOptions(target(url), 200)).not.toThrow(/hunt/);
  });

  it('queues nothing, sends nothing twice and lets nothing wait without a limit', () => {
    expect(clientOptions(target('redis://host'), 700)).toMatchObject({
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      // Behind our own deadline.
      commandTimeout: 750,
      socketTimeout: 2_800,
      lazyConnect: true,
    });
  });
});
