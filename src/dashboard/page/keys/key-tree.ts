import type { Routes } from '../../contract.js';

/** An entry as the list of keys tells it. */
export type Entry = Routes['keys']['answer']['entries'][number];

/** Keys that begin alike. */
export interface Branch {
  /** The segments that it adds to the branch above, with the colons between them. */
  readonly name: string;
  /** The whole beginning. */
  readonly path: string;
  readonly branches: readonly Branch[];
  readonly entries: readonly Entry[];
  /** How many entries are below. */
  readonly size: number;
}

/** Entries as a tree by the segments of their keys; what does not branch is one step. */
export function treeOf(entries: readonly Entry[]): Branch {
  const sorted = entries.toSorted((a, b) => collate(a.key, b.key));
  return branchOf('', '', sorted);
}

function branchOf(above: string, path: string, entries: readonly Entry[]): Branch {
  const groups = new Map<string, Entry[]>();
  const own: Entry[] = [];
  for (const entry of entries) {
    const rest = entry.key.slice(path.length);
    const end = rest.indexOf(':');
    if (end === -1) own.push(entry);
    else into(groups, rest.slice(0, end + 1), entry);
  }
  const [only] = groups;
  if (only && groups.size === 1 && own.length === 0 && path !== '') return branchOf(above, path + only[0], only[1]);
  const branches = [...groups].map(([segment, below]) => branchOf(path, path + segment, below));
  return { name: path.slice(above.length), path, branches, entries: own, size: entries.length };
}

/** `user:9` before `user:12`. */
function collate(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function into(groups: Map<string, Entry[]>, segment: string, entry: Entry): void {
  const group = groups.get(segment);
  if (group) group.push(entry);
  else groups.set(segment, [entry]);
}
