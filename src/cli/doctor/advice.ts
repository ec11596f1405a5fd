import type { Connection, NoConnection } from '../redis/connect.js';
import { fail, type Finding, pass } from './finding.js';
import type { Place } from '../redis/place.js';

const OTHERWISE = 'check the address, and that this is Redis 7.0 or newer';

const ADVICE: Readonly<Partial<Record<NoConnection['why'], string>>> = {
  unavailable: 'check that Redis runs and that its address is right',
  timeout: 'Redis accepts connections but does not answer: check its load',
  authentication: 'check REDIS_PASSWORD, or the credentials in the URL',
  certificate:
    'a certificate is refused, of Redis or ours: check REDIS_TLS_CA_FILE, REDIS_TLS_SERVER_NAME and how long the certificates last',
  permission: 'check the ACL of this user: it must at least be allowed +@connection +info',
  overloaded: 'Redis has too many clients: check maxclients',
  loading: 'Redis loads its data, or is busy with a script: wait',
};

/** What comes before the trouble of one server. */
const BEFORE = {
  standalone: '',
  sentinel:
    'check that REDIS_SENTINELS can be reached, REDIS_SENTINEL_NAME, and the user for the Sentinels; of the primary: ',
  cluster:
    'check that this is a Cluster and is whole (CLUSTER INFO), and that the addresses which its nodes announce lead there from here; of a node: ',
} as const;

/** Whether there is a connection, and to whom. */
export function connectionFinding({ mode }: Place, connection: Connection | NoConnection): Finding {
  if (!('why' in connection)) return pass(`connected${toWhom(mode, connection)}`);
  const { why, rule } = connection;
  if (rule !== undefined) return fail(why, rule);
  return fail(why, BEFORE[mode] + (ADVICE[why] ?? OTHERWISE));
}

function toWhom(mode: Place['mode'], { primaries, whole: { endpoint } }: Connection): string {
  if (mode === 'cluster') return ` to ${primaries.length} primaries`;
  if (mode === 'standalone' || !endpoint || 'path' in endpoint.at) return '';
  return ` to the primary at ${endpoint.at.host}:${endpoint.at.port}`;
}
