/** What a URL of Redis says. Of the password it tells only by a field of its own. */
export interface Address {
  /** Empty for a unix socket. */
  readonly host: string;
  readonly port: number;
  /** The file of a unix socket. */
  readonly path: string | undefined;
  readonly tls: boolean;
  /** Empty for none. */
  readonly user: string;
  /** Empty for none. */
  readonly password: string;
  /** The URL without its password, for people. */
  readonly shown: string;
}

/** Where a server listens. */
export interface Endpoint {
  /** A host and its port, or the file of a unix socket. */
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string };
  readonly tls: boolean;
}

/** Takes a URL of Redis apart; `undefined` for one that no client takes. */
export function addressOf(url: string, defaultPort = 6379): Address | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search } = new URL(url);
  const isSocket = protocol === 'unix:';
  if (isSocket ? pathname.length < 2 : hostname === '') return undefined;
  const [user, secret, path] = [username, password, pathname].map(decoded);
  if (user === undefined || secret === undefined || path === undefined) return undefined;
  const at = port === '' ? defaultPort : Number(port);
  const name = username === '' ? '' : `${username}@`;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: at,
    path: isSocket ? path : undefined,
    tls: protocol === 'rediss:',
    user,
    password: secret,
    shown: isSocket ? `unix://${pathname}${search}` : `${protocol}//${name}${hostname}:${at}${pathname}`,
  };
}

/** Whether what is said to this host stays on this machine. */
export function isLocal({ host, path }: Address): boolean {
  return path !== undefined || /^(localhost|127(\.\d+){3}|::1)$/.test(host);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
