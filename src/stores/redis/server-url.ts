import { InvalidOptionError } from '../../primitives/errors.js';
import { maskUrl } from '../../primitives/mask-url.js';

/** Where one server is, and what it asks for, as far as its URL tells. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** A unix socket instead of host and port. */
  readonly path: string | undefined;
  readonly database: number | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly isTls: boolean;
}

const FORM = 'redis://[user][:password]@host[:port][/db], rediss://… or unix:///path/to/socket[?db=N]';
const NODE_FORM = 'redis://[user][:password]@host[:port] or rediss://…, without a database';
const SCHEMES = ['redis:', 'rediss:'];

/** Reads the URL of one server. `name` is the option that it came from. @throws InvalidOptionError */
export function parseServerUrl(name: string, url: string, defaultPort = 6379): ServerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !isPlace(parsed)) throw new InvalidOptionError(name, FORM, maskUrl(url));
  const text = (encoded: string): string | undefined => (encoded === '' ? undefined : decoded(name, encoded, url));
  const isSocket = parsed.protocol === 'unix:';
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? defaultPort : Number(parsed.port),
    path: isSocket ? text(parsed.pathname) : undefined,
    database: database(name, isSocket ? (parsed.searchParams.get('db') ?? '') : parsed.pathname.slice(1), url),
    username: text(parsed.username),
    password: text(parsed.password),
    isTls: parsed.protocol === 'rediss:',
  };
}

/** Whether it leads to a server: a socket has a path and no host, all else has a host. */
function isPlace({ protocol, pathname, hostname }: URL): boolean {
  return protocol === 'unix:' ? pathname.length > 1 : SCHEMES.includes(protocol) && hostname !== '';
}

/** Reads the URLs of servers of one set-up: at least one, none with a database, all with or all without TLS. @throws InvalidOptionError */
export function parseNodeUrls(name: string, urls: readonly string[], defaultPort?: number): ServerAddress[] {
  if (urls.length === 0) throw new InvalidOptionError(name, `at least one ${NODE_FORM}`, urls);
  const nodes = urls.map((url) => parseServerUrl(name, url, defaultPort));
  for (const [i, { database, path }] of nodes.entries())
    if (database !== undefined || path !== undefined)
      throw new InvalidOptionError(name, NODE_FORM, maskUrl(urls[i] as string));
  if (new Set(nodes.map(({ isTls }) => isTls)).size > 1)
    throw new InvalidOptionError(name, 'all of redis:// or all of rediss://', urls.map(maskUrl));
  return nodes;
}

function decoded(name: string, text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidOptionError(name, 'percent-encoded in its user and password', maskUrl(url));
  }
}

function database(name: string, text: string, url: string): number | undefined {
  if (text === '') return undefined;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidOptionError(name, 'followed by a database number or nothing', maskUrl(url));
}
