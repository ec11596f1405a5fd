import { type Finding, type Status, unknown } from './finding.js';

/** A finding and the server that it was found of. */
export interface Seen {
  readonly name: string;
  readonly finding: Finding;
}

const WORST_FIRST: readonly Status[] = ['fail', 'warn', 'unknown', 'pass'];
/** More would not be read. */
const MOST_NAMED = 3;

/** One finding for all servers: the worst, with the servers named where they differ. */
export function merged(all: readonly Seen[]): Finding {
  const [first] = all;
  if (!first) return unknown('no primary', 'wait until there is one, then run the doctor again');
  const texts = new Set(all.map(({ finding }) => `${finding.status} ${finding.observed}`));
  if (texts.size === 1) return first.finding;
  const worst = WORST_FIRST.find((status) => all.some(({ finding }) => finding.status === status));
  const those = all.filter(({ finding }) => finding.status === worst);
  const named = those.slice(0, MOST_NAMED).map(({ name, finding }) => `${name}: ${finding.observed}`);
  if (those.length > MOST_NAMED) named.push(`and ${those.length - MOST_NAMED} more`);
  return { ...(those[0] as Seen).finding, observed: named.join('; ') };
}
