import { OURS } from './ours.js';
import type { Subject } from './subject.js';

const PEERS = '../peers/outage.js';

/** Every cache by its name. */
export async function findSubjects(): Promise<Readonly<Record<string, Subject>>> {
  // Its packages are no dependencies of ours: they are there only after the install that the npm script makes.
  const module = (await import(new URL(PEERS, import.meta.url).href)) as {
    readonly subjects: Readonly<Record<string, Subject>>;
  };
  return { ...OURS, ...module.subjects };
}
