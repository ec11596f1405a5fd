import { type RemoteFailure, RemoteStoreError } from '../contracts.js';

const BY_REPLY: readonly (readonly [RegExp, RemoteFailure])[] = [
  [/^(NOAUTH|WRONGPASS|ERR AUTH|ERR invalid password)/, 'authentication'],
  // Within scripts Redis 7.0 and later ones say so in words of their own.
  [/^(NOPERM|ERR The user executing the script can't|ERR ACL failure in script)/, 'permission'],
  [/^OOM/, 'out-of-memory'],
  // UNBLOCKED ends a blocking read when its server becomes a replica.
  [/^(READONLY|MASTERDOWN|MISCONF|NOREPLICAS|UNBLOCKED)/, 'read-only'],
  [/^(LOADING|BUSY|TRYAGAIN)/, 'loading'],
  // A part of a Cluster has no primary, or is not where we thought.
  [/^(CLUSTERDOWN|MOVED|ASK)\b/, 'unavailable'],
  // Ours by theirs, or theirs by us; of Sentinels only the text is told. Before what tells that none can be reached.
  [/certificate|unknown ca\b/i, 'certificate'],
  // Before the time-outs: nothing accepted the connection.
  [/ETIMEDOUT/, 'unavailable'],
  [/timed? ?out/i, 'timeout'],
  [
    /enableOfflineQueue|Connection is closed|max retries|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|Socket|Too many Cluster|slots cache|startup nodes|is disconnect|sentinels are unreachable/i,
    'unavailable',
  ],
  [/max number of clients/i, 'overloaded'],
];

/** Which failure a client's error is. */
export function failureOf(error: unknown): RemoteFailure {
  // That no node of a Cluster answered is no reason: the last of them told one.
  if (error instanceof Error && 'lastNodeError' in error && error.lastNodeError) return failureOf(error.lastNodeError);
  const text = messageOf(error);
  return BY_REPLY.find(([form]) => form.test(text))?.[1] ?? 'protocol';
}

/** The error to show for a client's error: a sentence of ours, never its command, arguments or stack. */
export function wrapFailure(operation: string, error: unknown, shard?: string): RemoteStoreError {
  if (error instanceof RemoteStoreError) return error;
  const failure = failureOf(error);
  return new RemoteStoreError(failure, operation, DETAIL[failure], shard);
}

/** One fixed sentence each, since a server's message may quote what was sent to it. */
const DETAIL: Readonly<Record<RemoteFailure, string>> = {
  unavailable: 'not connected; check that Redis runs and can be reached',
  timeout: 'no answer within the command deadline; check the load of Redis and CACHE_COMMAND_TIMEOUT_MS',
  authentication: 'user or password refused; check REDIS_PASSWORD or the credentials in REDIS_URL',
  certificate:
    'a certificate is refused; check REDIS_TLS_CA_FILE, REDIS_TLS_SERVER_NAME and how long certificates last',
  permission: 'the user may not run this command or touch this key; check its ACL',
  'out-of-memory': 'Redis is at maxmemory and evicts nothing; check maxmemory and maxmemory-policy',
  'read-only': 'Redis refuses writes; it is a replica, or cannot save or replicate',
  loading: 'Redis is loading, or busy with a script',
  overloaded: 'Redis has too many clients; check maxclients',
  'circuit-open': 'not sent, as those before it failed',
  protocol: 'an unexpected reply',
};

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? `${error.message} ${error.code}` : error.message;
}
