import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../primitives/errors.js';
import { parseNodeUrls, parseServerUrl } from './server-url.js';

const known = (address: object): object =>
  Object.fromEntries(Object.entries(address).filter(([, value]) => value !== undefined && value !== false));

describe('the URL of a server', () => {
  it.each([
    ['redis://host', { host: 'host', port: 6379 }],
    ['redis://host:7000/', { host: 'host', port: 7000 }],
    ['redis://127.0.0.1:7000/15', { host: '127.0.0.1', port: 7000, database: 15 }],
    ['redis://[::1]:7000/1', { host: '::1', port: 7000, database: 1 }],
    ['rediss://host', { host: 'host', port: 6379, isTls: true }],
    ['redis://:hunt%402@host', { host: 'host', port: 6379, password: 'hunt@2' }],
    ['redis://ada:hunt2@host', { host: 'host', port: 6379, username: 'ada', password: 'hunt2' }],
    ['redis://ada@host', { host: 'host', port: 6379, username: 'ada' }],
    ['unix:///run/redis%20cache.sock', { host: '', port: 6379, path: '/run/redis cache.sock' }],
    ['unix:///run/redis.sock?db=3', { host: '', port: 6379, path: '/run/redis.sock', database: 3 }],
  ])('reads %s', (url, expected) => {
    expect(known(parseServerUrl('REDIS_URL', url))).toEqual(expected);
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
    'unix://',
    'unix:///',
    'unix:///run/redis.sock?db=one',
  ])('refuses %j with the option and the rule', (url) => {
    expect(() => parseServerUrl('REDIS_URL', url)).toThrow(InvalidOptionError);
    expect(() => parseServerUrl('REDIS_URL', url)).toThrow(/^REDIS_URL must be /);
  });

  it.each([
    'http://ada:hunt2@host',
    'ada:hunt2@host:6379',
    'redis://ada:hunt2@host/one',
    'redis://ada:hunt2@host:99999',
    'redis://ada:hunt/2@host',
    'redis://ada:hunt%@host',
  ])('does not show the password of one that it refuses: %s', (url) => {
    expect(() => parseServerUrl('REDIS_URL', url)).toThrow(/ada:\*\*\*@/);
    expect(() => parseServerUrl('REDIS_URL', url)).not.toThrow(/hunt/);
  });
});

describe('the URLs of nodes', () => {
  it('are read with the port that is usual there', () => {
    expect(parseNodeUrls('REDIS_SENTINELS', ['redis://a', 'redis://b:7'], 26_379).map(({ port }) => port)).toEqual([
      26_379, 7,
    ]);
  });

  it.each([
    ['none at all', [], /at least one redis:/],
    ['a database', ['redis://a', 'redis://b/1'], /without a database; received "redis:\/\/b\/1"/],
    ['a socket', ['unix:///run/redis.sock'], /without a database/],
    ['TLS here and there', ['redis://a', 'rediss://b'], /all of redis:\/\/ or all of rediss:/],
  ])('refuse %s', (_, urls, message) => {
    expect(() => parseNodeUrls('REDIS_CLUSTER_NODES', urls)).toThrow(InvalidOptionError);
    expect(() => parseNodeUrls('REDIS_CLUSTER_NODES', urls)).toThrow(message);
  });
});
