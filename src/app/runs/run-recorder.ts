import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { CacheEvict } from '../../index.js';
import { AnalyticsClock } from '../analytics/analytics-clock.js';
import { NewestRun } from '../analytics/keys.js';
import { changesOf, eventsOf, type RunChanges } from './run-changes.js';
import type { RunRequest } from './run.request.js';
import { type NewRun, RunsWriter } from './runs.writer.js';

/** What was written, and what was made to forget. */
export interface Recorded {
  readonly runIds: readonly string[];
  readonly changed: RunChanges;
}

/**
 * Writes runs and tells the cache. First the commit, then the events, and the answer after both: a load that starts once
 * the caller has its answer reads the new runs, and none that started earlier may fill the cache. Emitting before the
 * commit would let a load read the old rows in between and keep them. Should the process die in between, TTLs remain.
 */
@Injectable()
export class RunRecorder {
  constructor(
    private readonly writer: RunsWriter,
    private readonly events: EventEmitter2,
    private readonly clock: AnalyticsClock,
  ) {}

  async record(requests: readonly RunRequest[]): Promise<Recorded> {
    const now = (await this.clock.now()).toISOString();
    const runs = requests.map((request) => complete(request, now));
    const runIds = await this.write(runs);
    const changed = changesOf(runs);
    await Promise.all(eventsOf(runs).map(([name, event]) => this.events.emitAsync(name, event)));
    return { runIds, changed };
  }

  /** What other answers are computed from goes before them: a load that an event makes necessary must not find it. */
  @CacheEvict({ key: NewestRun({}) })
  async write(runs: readonly NewRun[]): Promise<string[]> {
    return this.writer.insert(runs);
  }
}

function complete(request: RunRequest, now: string): NewRun {
  return {
    runId: request.runId ?? null,
    agentId: request.agentId,
    userId: request.userId,
    workspaceId: request.workspaceId,
    status: request.status,
    startedAt: utc(request.startedAt) ?? now,
    runtimeSeconds: request.runtimeSeconds ?? null,
    tokensIn: request.tokensIn ?? null,
    tokensOut: request.tokensOut ?? null,
    model: request.model ?? null,
    toolCalls: request.toolCalls ?? null,
    credits: request.credits ?? null,
  };
}

/** The database has no time zones, and would drop an offset instead of applying it. */
function utc(instant: string | null | undefined): string | null {
  return instant == null ? null : new Date(instant).toISOString();
}
