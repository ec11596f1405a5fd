import type { WarmUpEnding, WarmUpEvent, WarmUpResult } from './warm-up-events.js';

/** What was counted of one plan. */
export interface PlanTally {
  readonly keys: Record<WarmUpResult, number>;
  readonly runs: Record<WarmUpEnding, number>;
  /** Keys that the run under way has not tried yet; 0 while there is none. */
  left: number;
}

/** Counts what warm-ups do, by plan. */
export class WarmUpTally {
  readonly plans = new Map<string, PlanTally>();

  readonly listen = (event: WarmUpEvent): void => {
    const tally = this.#of(event.plan);
    if (event.type === 'warm-up.began') tally.left = event.keys;
    else if (event.type === 'warm-up.key') {
      tally.keys[event.result] += 1;
      tally.left = Math.max(0, tally.left - 1);
    } else if (event.type === 'warm-up.ended') {
      tally.runs[event.how] += 1;
      tally.left = 0;
    }
  };

  #of(plan: string): PlanTally {
    const known = this.plans.get(plan);
    if (known) return known;
    const keys = { loaded: 0, present: 0, failed: 0 };
    const tally = { keys, runs: { done: 0, stopped: 0, away: 0, failed: 0 }, left: 0 };
    this.plans.set(plan, tally);
    return tally;
  }
}
