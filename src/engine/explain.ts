import { decodeEnvelope, type Envelope } from '../codec/envelope.js';
import type { CacheKey } from '../keys/key.js';
import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import { type Ledger, type RemoteStore, RemoteStoreError } from '../stores/contracts.js';
import { type HistoryEntry, searchLedger } from './audit.js';
import { isOfFamily, valueOf } from './entry-value.js';
import type { LocalView } from './local-view.js';

/** How one tag of an entry stands. */
export interface TagStanding {
  readonly tag: string;
  /** The generation under which the entry was loaded. */
  readonly stamped: string;
  /** The generation in force; `null` is missing, which means changed. */
  readonly current: string | null;
}

/** All that is known of one key. */
export interface Explanation {
  readonly key: string;
  /** The key's template, or `other`. */
  readonly template: string;
  /** Whether a reader would be served now, and why not. */
  readonly state: 'fresh' | 'stale' | 'invalidated' | 'absent' | 'unreadable' | 'version' | 'invalid' | 'unknown';
  /** Whether this process has it in L1 and may use it. */
  readonly inMemory: boolean;
  /** When its load began; absent without an entry. */
  readonly loadedAt?: Milliseconds;
  readonly age?: Milliseconds;
  readonly loadTook?: Milliseconds;
  readonly freshUntil?: Milliseconds;
  readonly keepUntil?: Milliseconds;
  /** Bytes as stored. */
  readonly bytes?: number;
  readonly tags: readonly TagStanding[];
  /** The token of whoever is loading it now. */
  readonly lease: string | null;
  /** The newest invalidation in the ledger that touched it. */
  readonly lastInvalidation: HistoryEntry | null;
}

/** What explanations are made from. */
export interface ExplainParts {
  readonly clock: Clock;
  readonly remote: RemoteStore;
  readonly ledger: Ledger;
  readonly view: LocalView;
  /** Larger entries are unreadable. */
  readonly maxEntryBytes: number;
}

/** Everything that is known of a key. Three round trips; with Redis away, what this process knows, and `unknown`. */
export async function explain(parts: ExplainParts, key: CacheKey): Promise<Explanation> {
  const inMemory = parts.view.peek(key.name, parts.clock.now());
  const local = {
    key: key.name,
    template: key.family.label,
    inMemory: inMemory !== undefined,
    tags: [],
    lease: null,
    lastInvalidation: null,
  };
  try {
    return { ...local, ...(await fromRedis(parts, key)) };
  } catch (error) {
    if (!(error instanceof RemoteStoreError)) throw error;
    return { ...local, state: 'unknown' };
  }
}

type RemotePart = Omit<Explanation, 'key' | 'template' | 'inMemory'>;

async function fromRedis(
  { clock, remote, ledger, view, maxEntryBytes }: ExplainParts,
  key: CacheKey,
): Promise<RemotePart> {
  const fetched = await remote.fetch({ keys: [key.name], tags: [], leases: true });
  const [bytes] = fetched.entries;
  const envelope = bytes ? decodeEnvelope(key.name, bytes, maxEntryBytes) : undefined;
  const readable = typeof envelope === 'object' ? envelope : undefined;
  const tags = readable?.stamps.map(({ tag }) => tag) ?? key.tags;
  const [lastInvalidation = null] = await searchLedger(ledger, { key: { name: key.name, tags }, limit: 1 });
  const common = { lease: fetched.leases[0] ?? null, lastInvalidation, tags: [] };
  if (!readable) return { ...common, ...withoutEntry(view, key, { clock, isUnreadable: envelope !== undefined }) };
  const { generations } = await remote.fetch({ keys: [], tags, leases: false });
  const standing = readable.stamps.map(({ tag, token }, i) => ({
    tag,
    stamped: token,
    current: generations[i] ?? null,
  }));
  const now = clock.now();
  const { loadedAt, loadTook, freshUntil, keepUntil } = readable;
  const facts = { loadedAt, age: now - loadedAt, loadTook, freshUntil, keepUntil, bytes: bytes?.length ?? 0 };
  const state = stateOf(readable, standing, now);
  return { ...common, ...facts, tags: standing, state: (await misfitOf(clock, key, readable, state)) ?? state };
}

/** Why no reader would be served an entry whatever its `state`. No event tells of it: nobody has read it. */
async function misfitOf(
  clock: Clock,
  { family }: CacheKey,
  entry: Envelope,
  state: Explanation['state'],
): Promise<Explanation['state'] | undefined> {
  if (!isOfFamily(family, entry.version)) return 'version';
  if (state !== 'fresh' && state !== 'stale') return undefined;
  const read = await valueOf({ clock, observer: { on: () => undefined } }, family, entry);
  return 'cause' in read ? read.cause : undefined;
}

/** Without Redis, or before it was shared, the entry may be in memory only. */
function withoutEntry(
  view: LocalView,
  { name }: CacheKey,
  { clock, isUnreadable }: { clock: Clock; isUnreadable: boolean },
): Pick<RemotePart, 'state' | 'loadedAt' | 'age'> {
  const local = view.peek(name, clock.now());
  if (!local) return { state: isUnreadable ? 'unreadable' : 'absent' };
  const now = clock.now();
  return { state: now < local.freshUntil ? 'fresh' : 'stale', loadedAt: local.loadedAt, age: now - local.loadedAt };
}

function stateOf(
  { freshUntil, keepUntil }: Envelope,
  standing: readonly TagStanding[],
  now: Milliseconds,
): Explanation['state'] {
  if (standing.some(({ stamped, current }) => stamped !== current)) return 'invalidated';
  if (now >= keepUntil) return 'absent';
  return now < freshUntil ? 'fresh' : 'stale';
}
