import { isSecret } from '../../primitives/secrets.js';
import type { DashboardSettings } from '../dashboard-options.js';
import type { WebExchange } from '../http/web-exchange.js';
import { Refused } from '../problems.js';

const LONGEST_NAME = 80;
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** Who may come in, who may change something, and who it was. */
export class Door {
  constructor(private readonly settings: DashboardSettings) {}

  /** @throws Refused for a request without the token */
  check(exchange: WebExchange): void {
    const { token } = this.settings;
    if (token === undefined) return;
    const given = credentialsOf(exchange.header('authorization'));
    if (!isSecret(token, given?.secret ?? ''))
      throw new Refused(
        401,
        'UNAUTHORIZED',
        'This needs the token of the dashboard, as the password or as a bearer token.',
      );
  }

  /**
   * The same for what a page of ours asks: another site could not read the answer, but may be let to by an application that
   * answers CORS for all its routes. @throws Refused
   */
  checkData(exchange: WebExchange): void {
    this.check(exchange);
    const site = exchange.header('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreign();
  }

  /** The same for what is posted: what another site can send without asking is no JSON, and has another origin. @throws Refused */
  checkPosted(exchange: WebExchange): void {
    this.check(exchange);
    if (!isSameOrigin(exchange)) throw foreign();
    if (!JSON_TYPE.test(exchange.header('content-type') ?? ''))
      throw new Refused(415, 'NOT_JSON', 'Content-Type must be application/json.');
  }

  /** @throws Refused where nothing can be changed */
  checkChange(): void {
    if (this.settings.readOnly) throw new Refused(403, 'READ_ONLY', 'The dashboard is read-only (readOnly: true).');
  }

  /** Who is asking, as the ledger is to tell it. */
  visitor(exchange: WebExchange): string {
    const { whoIs } = this.settings;
    const name = whoIs ? whoIs(exchange.request as never) : credentialsOf(exchange.header('authorization'))?.user;
    const told = (name ?? '').replace(/\p{C}/gu, '').trim().slice(0, LONGEST_NAME);
    return told === '' ? 'dashboard' : `dashboard (${told})`;
  }
}

function foreign(): Refused {
  return new Refused(403, 'FOREIGN_ORIGIN', 'This is answered to the page itself only: ask from the same origin.');
}

/** Browsers tell with `Sec-Fetch-Site`, which no page can forge; older ones, and some over plain HTTP, with `Origin` only. */
function isSameOrigin(exchange: WebExchange): boolean {
  const site = exchange.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const [origin, host] = [exchange.header('origin'), exchange.header('host')];
  return (
    origin !== undefined && host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
  );
}

interface Credentials {
  readonly user: string | undefined;
  readonly secret: string;
}

function credentialsOf(authorization: string | undefined): Credentials | undefined {
  const [, scheme = '', rest = ''] = /^(\S+) +(.*)$/.exec(authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return { user: undefined, secret: rest.trim() };
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const text = Buffer.from(rest, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), secret: text.slice(colon + 1) };
}
