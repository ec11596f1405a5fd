import type { RedisOptions } from '../../index.js';
import { type Address, addressOf } from './address.js';

/** Where Redis is and as whom it is asked, as the application's options say. */
export interface Place {
  readonly mode: 'standalone' | 'sentinel' | 'cluster';
  /** For people, without passwords. */
  readonly shown: string;
  /** Every server that is named: the first is that of the URL, or those that tell the others. */
  readonly addresses: readonly [Address, ...Address[]];
  readonly user: string;
  /** Empty for none. */
  readonly password: string;
  /** What is said to the Sentinels; empty for nothing. */
  readonly sentinelPassword: string;
}

const SENTINEL_PORT = 26_379;

/** `undefined` where a URL is one that no client takes. */
export function placeOf(options: RedisOptions): Place | undefined {
  const addresses = urlsOf(options).map((url) => addressOf(url, options.mode === 'sentinel' ? SENTINEL_PORT : 6379));
  const [first, ...others] = addresses.filter((address) => address !== undefined);
  if (!first || others.length + 1 < addresses.length) return undefined;
  const { mode = 'standalone' } = options;
  // In the URLs of Sentinels are the user and the password of the Sentinels.
  const said = mode === 'sentinel' ? { user: '', password: '' } : first;
  return {
    mode,
    shown: shownAs(options, [first, ...others]),
    addresses: [first, ...others],
    user: said.user || options.username || 'default',
    password: said.password || options.password || '',
    sentinelPassword: (options.mode === 'sentinel' && options.sentinelPassword) || first.password,
  };
}

function urlsOf(options: RedisOptions): readonly string[] {
  if (options.mode === 'cluster') return options.nodes;
  return options.mode === 'sentinel' ? options.sentinels : [options.url, ...(options.replicas ?? [])];
}

function shownAs(options: RedisOptions, addresses: readonly [Address, ...Address[]]): string {
  const all = addresses.map(({ shown }) => shown).join(', ');
  if (options.mode === 'cluster') return `the Cluster of ${all}`;
  return options.mode === 'sentinel'
    ? `the primary ${options.name ?? 'mymaster'} of the Sentinels ${all}`
    : addresses[0].shown;
}
