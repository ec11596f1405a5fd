import type { Milliseconds } from '../../primitives/units.js';
import type { RemoteStore } from '../../stores/contracts.js';
import { doneIn, TURN } from './turns.js';

/** How it stands with a plan of a warm-up in the fleet. */
export interface WarmUpState {
  /** Its name; `preloading` for the keys that are read most. */
  readonly plan: string;
  /** When it was carried out to its end last, in milliseconds since the epoch; `null` for never in the last week. */
  readonly doneAt: Milliseconds | null;
  /** Whether an instance is at it. */
  readonly isRunning: boolean;
}

/** The plans of which Redis knows, by name. A walk over the keyspace, and a round trip. @throws RemoteStoreError */
export async function warmUpStates(remote: RemoteStore): Promise<WarmUpState[]> {
  const names = new Set<string>();
  for (const what of ['entry', 'lease'] as const)
    for await (const page of remote.scan(what, `${TURN}*`)) for (const name of page) names.add(name);
  const keys = [...names].sort();
  if (keys.length === 0) return [];
  const { entries, leases } = await remote.fetch({ keys, tags: [], leases: true });
  return keys.map((key, i) => ({
    plan: key.slice(TURN.length),
    doneAt: doneIn(entries[i] ?? null),
    isRunning: (leases[i] ?? null) !== null,
  }));
}
