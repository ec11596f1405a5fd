/** What a Redis URL says. Of the password it tells only by a field of its own. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly user: string;
  /** Empty for none. */
  readonly password: string;
  /** The URL without its password, for people. */
  readonly shown: string;
}

/** Takes a URL of Redis apart; `undefined` for one that no client takes. */
export function addressOf(url: string): Address | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  if (hostname === '') return undefined;
  const [user, secret] = [decoded(username), decoded(password)];
  if (user === undefined || secret === undefined) return undefined;
  const at = port === '' ? 6379 : Number(port);
  const name = username === '' ? '' : `${username}@`;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: at,
    tls: protocol === 'rediss:',
    user: user === '' ? 'default' : user,
    password: secret,
    shown: `${protocol}//${name}${hostname}:${at}${pathname}`,
  };
}

/** Whether what is said to this host stays on this machine. */
export function isLocal(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/.test(host);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
