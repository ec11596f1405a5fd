import { EVERYTHING } from '../../engine/generations.js';
import type { StoredEntry } from '../../engine/inventory.js';
import type { LocalEntry } from '../../engine/local-entry.js';
import type { LocalView } from '../../engine/local-view.js';
import { KeyPattern } from '../../keys/pattern.js';
import type { Milliseconds } from '../../primitives/units.js';

/** So many entries are looked at in one turn of the process. */
const STEP = 1_000;

/** The entries of this process's memory whose keys match, in the form of those that Redis has. No round trip. */
export async function* residentEntries(
  { memory }: Pick<LocalView, 'memory'>,
  glob: string | undefined,
  now: () => Milliseconds,
): AsyncGenerator<readonly StoredEntry[]> {
  const pattern = glob === undefined ? undefined : KeyPattern.parse(glob);
  let found: StoredEntry[] = [];
  let seen = 0;
  for (const entry of memory.values()) {
    if (!pattern || pattern.matches(entry.key)) found.push(rowOf(entry, now()));
    if (++seen % STEP > 0) continue;
    if (found.length > 0) yield found;
    found = [];
    await new Promise(setImmediate);
  }
  if (found.length > 0) yield found;
}

function rowOf(entry: LocalEntry, now: Milliseconds): StoredEntry {
  const { key, family, bytes, states, loadedAt, loadTook, freshUntil, keepUntil } = entry;
  const tags = states.map(({ tag }) => tag).filter((tag) => tag !== EVERYTHING);
  const state = !entry.isCurrent ? 'invalidated' : now < freshUntil ? 'fresh' : 'stale';
  return { key, template: family.label, state, bytes, tags, loadedAt, loadTook, freshUntil, keepUntil };
}
