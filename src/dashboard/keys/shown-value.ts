import type { CacheRuntime } from '../../cache/cache-runtime.js';
import { decodeEnvelope, type Envelope, type Unreadable } from '../../codec/envelope.js';
import { valueOf } from '../../engine/entry-value.js';
import type { Explanation } from '../../engine/explain.js';
import type { CacheKey } from '../../keys/key.js';
import { type RemoteStore, RemoteStoreError } from '../../stores/contracts.js';
import type { ShownValue } from '../contract.js';
import type { DashboardSettings } from '../dashboard-options.js';

type Hidden = Extract<ShownValue, { shown: false }>;
type Found = { readonly value: unknown } | Hidden;

/** More than this no page shows well. */
const LARGEST = 262_144;

const ABSENT: Hidden = Object.freeze({ shown: false, why: 'absent' });

/** What may be shown of a key's value. None or one round trip; counted as no read. */
export async function shownValue(
  runtime: CacheRuntime,
  key: CacheKey,
  explanation: Explanation,
  showValue: DashboardSettings['showValue'],
): Promise<ShownValue> {
  if (showValue === 'never') return { shown: false, why: 'never' };
  const found = inMemory(runtime, key) ?? (await inRedis(runtime, key, explanation));
  if (!('value' in found)) return found;
  const { value } = found;
  try {
    const shown = showValue ? await showValue(value, { key: key.name, template: key.family.label }) : value;
    const text = JSON.stringify(shown) as string | undefined;
    if (text !== undefined && text.length > LARGEST) return { shown: false, why: 'large' };
    return { shown: true, redacted: showValue !== undefined, value: shown ?? null };
  } catch {
    return { shown: false, why: 'failed' };
  }
}

function inMemory({ view, clock }: CacheRuntime, { name }: CacheKey): Found | undefined {
  const now = clock.now();
  const entry = view.lease.holds(now) ? view.memory.get(name) : undefined;
  return entry?.isCurrent && now < entry.keepUntil ? { value: entry.value } : undefined;
}

async function inRedis(
  { connection, store, clock }: CacheRuntime,
  { name, family }: CacheKey,
  { state, bytes = 0 }: Explanation,
): Promise<Found> {
  if (state === 'unknown' && connection) return { shown: false, why: 'away' };
  if (state !== 'fresh' && state !== 'stale') return ABSENT;
  if (bytes > LARGEST) return { shown: false, why: 'large' };
  try {
    const envelope = await storedIn(store, name);
    // It was readable just now: compressed, it is more than it seems.
    if (envelope === 'corrupt') return { shown: false, why: 'large' };
    if (typeof envelope !== 'object') return ABSENT;
    const read = await valueOf({ clock, observer: { on: () => undefined } }, family, envelope);
    return 'value' in read ? read : ABSENT;
  } catch (error) {
    if (error instanceof RemoteStoreError) return { shown: false, why: 'away' };
    throw error;
  }
}

async function storedIn(store: RemoteStore, name: string): Promise<Envelope | Unreadable | undefined> {
  const [entry] = (await store.fetch({ keys: [name], tags: [], leases: false })).entries;
  return entry ? decodeEnvelope(name, entry, LARGEST) : undefined;
}
