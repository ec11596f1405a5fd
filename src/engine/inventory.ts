import { type EntryHead, peekHead } from '../codec/envelope.js';
import { isNote } from '../keys/alphabet.js';
import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import type { RemoteStore } from '../stores/contracts.js';
import { EVERYTHING } from './generations.js';

/** What Redis has stored under one key, but for the value. */
export interface StoredEntry {
  readonly key: string;
  /** The key's template, or `other`. */
  readonly template: string;
  /** Whether a reader would be served, versions and schemas aside, and why not. `unreadable`: its head is none of ours, or longer than is looked at. */
  readonly state: 'fresh' | 'stale' | 'invalidated' | 'unreadable';
  /** Bytes as stored. */
  readonly bytes: number;
  /** But for the one that every entry carries. */
  readonly tags: readonly string[];
  /** When its load began; this and what follows is absent where it is unreadable. */
  readonly loadedAt?: Milliseconds;
  readonly loadTook?: Milliseconds;
  readonly freshUntil?: Milliseconds;
  readonly keepUntil?: Milliseconds;
}

/** What an inventory is made with. */
export interface InventoryParts {
  readonly clock: Clock;
  readonly remote: RemoteStore;
  /** The metric label of a key. */
  readonly labelOf: (key: string) => string;
}

/**
 * The entries whose keys match the glob, a page at a time, as a walk over the keyspace finds them: in no order, and some
 * more than once. Whoever stops early ends the walk.
 */
export async function* inventory(parts: InventoryParts, pattern: string): AsyncGenerator<readonly StoredEntry[]> {
  for await (const keys of parts.remote.scan('entry', pattern)) {
    const entries = await look(
      parts,
      [...new Set(keys)].filter((key) => !isNote(key)),
    );
    if (entries.length > 0) yield entries;
  }
}

/** Three commands for each key, and those for the generations of their tags. */
async function look({ clock, remote, labelOf }: InventoryParts, keys: readonly string[]): Promise<StoredEntry[]> {
  const peeks = await remote.heads(keys);
  const heads = peeks.map((peek, i) => peek && peekHead(keys[i] as string, peek.head));
  const tags = [...new Set(heads.flatMap((head) => head?.stamps.map(({ tag }) => tag) ?? []))];
  const { generations } = await remote.fetch({ keys: [], tags, leases: false });
  const current = new Map(tags.map((tag, i) => [tag, generations[i] ?? undefined]));
  const now = clock.now();
  return keys.flatMap((key, i): StoredEntry[] => {
    const [peek, head] = [peeks[i], heads[i]];
    // Gone since the walk saw its name.
    if (!peek) return [];
    const common = { key, template: labelOf(key), bytes: peek.bytes };
    if (!head) return [{ ...common, state: 'unreadable', tags: [] }];
    const isDead = head.stamps.some(({ tag, token }) => current.get(tag) !== token);
    const state = isDead ? 'invalidated' : now < head.freshUntil ? 'fresh' : 'stale';
    return [{ ...common, state, ...factsOf(head) }];
  });
}

function factsOf({
  stamps,
  loadedAt,
  loadTook,
  freshUntil,
  keepUntil,
}: EntryHead): Omit<StoredEntry, 'key' | 'template' | 'state' | 'bytes'> {
  const tags = stamps.map(({ tag }) => tag).filter((tag) => tag !== EVERYTHING);
  return { tags, loadedAt, loadTook, freshUntil, keepUntil };
}
