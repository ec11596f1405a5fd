import { WINDOW_MS } from '../coherence/options.js';
import type { Floor } from './messages.js';

/** What readers of each key may not fall below, and from when on. */
export class Floors {
  readonly #raised = new Map<number, Floor[]>();
  readonly #standing = new Map<number, number>();

  raise(floor: Floor): void {
    const raised = this.#raised.get(floor.key) ?? [];
    raised.push(floor);
    this.#raised.set(floor.key, raised);
  }

  /** The least version that a read may return which begins now. */
  of(key: number, now: number): number {
    const raised = this.#raised.get(key) ?? [];
    let standing = this.#standing.get(key) ?? 0;
    while (raised[0] && raised[0].at + WINDOW_MS < now) standing = Math.max(standing, raised.shift()?.version ?? 0);
    this.#standing.set(key, standing);
    return standing;
  }
}
