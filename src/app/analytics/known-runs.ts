import { Injectable, NotFoundException } from '@nestjs/common';
import type { RunSummary } from './answers/parts.js';
import { type Coverage, RunsRepository } from './runs.repository.js';
import type { Scope } from './selection.js';
import type { Window } from './window.js';

/** Tells the unknown from the idle: no run ever, no run in the window, no run with a time. */
@Injectable()
export class KnownRuns {
  constructor(private readonly runs: RunsRepository) {}

  /** What is known of the one that `scope` names. @throws NotFoundException when nothing is; so it is never cached as a zero */
  async of(scope: Scope): Promise<Coverage> {
    const coverage = await this.runs.coverage(scope);
    if (coverage.runs > 0) return coverage;
    const named = Object.entries(scope).map(([name, id]) => `${name.replace(/Id$/, '')} "${String(id)}"`);
    throw new NotFoundException(`No run of ${named.join(' in ')} is known`);
  }

  /** See {@link isTimeless}. */
  async isTimeless(scope: Scope, window: Window): Promise<boolean> {
    return isTimeless(await this.runs.coverage(scope), window);
  }

  async summary(scope: Scope, window: Window, coverage: Coverage): Promise<RunSummary> {
    const summary = await this.runs.summary(scope, window);
    const undatedRuns = coverage.runs - coverage.datedRuns;
    return { ...summary, ...(isTimeless(coverage, window) ? UNCOUNTABLE : {}), undatedRuns };
  }
}

const UNCOUNTABLE = { runs: null, completed: null, failed: null, cancelled: null, timeout: null } as const;

/** True when there are runs and none has a time: how many of them are in `window` cannot be said, and zero would be made up. */
function isTimeless(coverage: Coverage, window: Window): boolean {
  return window.from !== null && coverage.runs > 0 && coverage.datedRuns === 0;
}
