import type { Milliseconds, StoredEntry } from '../index.js';
import { groupOf } from './form.js';
import type { Sample } from './sample.js';

/** The entries of one template, or of one form of key. */
export interface Group {
  readonly template: string;
  /** Scaled up where the sample was not all. */
  readonly entries: number;
  readonly bytes: number;
  /** Share of all entries, 0 to 1. */
  readonly share: number;
  /** How many of those looked at are in each state. */
  readonly states: Readonly<Partial<Record<StoredEntry['state'], number>>>;
  /** `null` where none could be read. */
  readonly medianLoad: Milliseconds | null;
}

/** The groups of a sample, those with the most entries first. */
export function groupsOf({ entries, scale }: Sample): Group[] {
  const groups = new Map<string, StoredEntry[]>();
  for (const entry of entries) {
    const name = groupOf(entry);
    const group = groups.get(name);
    if (group) group.push(entry);
    else groups.set(name, [entry]);
  }
  return [...groups]
    .map(([template, members]) => ({
      ...{ template, entries: Math.round(members.length * scale), share: members.length / entries.length },
      bytes: Math.round(members.reduce((sum, { bytes }) => sum + bytes, 0) * scale),
      states: statesOf(members),
      medianLoad: medianOf(members.flatMap(({ loadTook }) => (loadTook === undefined ? [] : [loadTook]))),
    }))
    .sort((a, b) => b.entries - a.entries || a.template.localeCompare(b.template));
}

function statesOf(members: readonly StoredEntry[]): Group['states'] {
  const states: Partial<Record<StoredEntry['state'], number>> = {};
  for (const { state } of members) states[state] = (states[state] ?? 0) + 1;
  return states;
}

function medianOf(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
