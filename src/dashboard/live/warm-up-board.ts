import type { WarmUpEnding, WarmUpEvent, WarmUpProgress } from '../../cache/warming/warm-up-events.js';
import type { NamedCache } from '../../cache/caches.js';
import type { WarmUpRow } from '../contract.js';

interface Seen {
  state: WarmUpRow['state'];
  progress: WarmUpProgress | null;
  lastEnding: WarmUpEnding | null;
  lastTook: number | null;
}

const NO_KEYS = { loaded: 0, present: 0, failed: 0 };
const NO_RUNS = { done: 0, stopped: 0, away: 0, failed: 0 };

/** How the warm-ups of one cache go on: what is counted always, and what was seen of their runs while somebody watched. */
export class WarmUpBoard {
  readonly #seen = new Map<string, Seen>();

  constructor(
    private readonly cache: Pick<NamedCache, 'tally'>,
    private readonly plans: () => readonly string[],
  ) {}

  heard(event: WarmUpEvent): void {
    const seen = this.#of(event.plan);
    if (event.type === 'warm-up.began')
      Object.assign(seen, { state: 'running', progress: { ...NO_KEYS, keys: event.keys } });
    else if (event.type === 'warm-up.waiting') seen.state = 'waiting';
    else if (event.type === 'warm-up.key') Object.assign(seen, { state: 'running', progress: event.progress });
    else Object.assign(seen, { state: 'idle', progress: event.progress, lastEnding: event.how, lastTook: event.took });
  }

  /** Of every plan of this instance. */
  rows(): WarmUpRow[] {
    const counted = this.cache.tally.warmUps.plans.keys();
    return [...new Set([...this.plans(), ...counted, ...this.#seen.keys()])].map((plan) => this.row(plan));
  }

  row(plan: string): WarmUpRow {
    const counted = this.cache.tally.warmUps.plans.get(plan);
    const { state, ...seen } = this.#of(plan);
    const { left = 0, keys = NO_KEYS, runs = NO_RUNS } = counted ?? {};
    return { plan, state: left > 0 ? 'running' : state, ...seen, keys: { ...keys }, runs: { ...runs } };
  }

  #of(plan: string): Seen {
    const known = this.#seen.get(plan);
    if (known) return known;
    const seen: Seen = { state: 'idle', progress: null, lastEnding: null, lastTook: null };
    this.#seen.set(plan, seen);
    return seen;
  }
}
