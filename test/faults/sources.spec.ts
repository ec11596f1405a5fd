import { describe, expect, it } from 'vitest';
import { pause } from '../coherence/context.js';
import { until } from '../support/caches.js';
import type { Assignment, PhaseReport } from './messages.js';
import type { Outcome } from './scenarios.js';
import { Stage } from './stage.js';
import type { WorkerProcess } from './worker-process.js';

const HOUR_MS = 3_600_000;
const LEASE_MS = 2_000;
/** For a machine that is busy with other things. */
const SLACK_MS = 500;

async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await Stage.open();
  try {
    await play(stage);
  } finally {
    await stage.close();
  }
}

/** A worker that uses Redis already. Its deadlines are wide: Redis is well in these plays, and only the machine may be busy. */
async function ready(stage: Stage, assignment: Partial<Assignment> = {}): Promise<WorkerProcess> {
  const worker = await stage.startWorker({ commandTimeoutMs: 5_000, ...assignment });
  await worker.ask('recovered', { limit: 10_000 });
  await worker.ask('phase', {});
  return worker;
}

async function played<T>(worker: WorkerProcess, name: string): Promise<T> {
  return (await worker.ask('scenario', { name })) as T;
}

/** Stops a worker; it must have got through without a mishap and end by itself. */
async function endsWell(worker: WorkerProcess): Promise<PhaseReport> {
  const report = await worker.ask('phase', {});
  expect(report.mishaps).toEqual([]);
  expect(report.wrong).toEqual([]);
  expect(await worker.stop()).toBe(0);
  return report;
}

interface Loaded {
  readonly loads: number;
  readonly outcomes: readonly Outcome[];
}

describe.concurrent('a loader', { timeout: 120_000 }, () => {
  it('that throws gives its error to all who waited, having run once, and disturbs nobody else', () =>
    onStage(async (stage) => {
      const worker = await ready(stage);
      const { loads, outcomes, next } = await played<Loaded & { next: Outcome }>(worker, 'loaderThrows');
      expect(loads).toBe(1);
      for (const { error } of outcomes)
        expect(error).toMatchObject({ name: 'RangeError', message: 'the source is down' });
      expect(next.value).toBe('value');
      await endsWell(worker);
    }));

  it('that hangs costs its callers the hard time-out and a clear error, and holds up neither others nor the end', () =>
    onStage(async (stage) => {
      const worker = await ready(stage);
      const { outcomes, other } = await played<Loaded & { other: Outcome }>(worker, 'loaderHangs');
      for (const { error, took } of outcomes) {
        expect(error).toMatchObject({ name: 'LoadTimeoutError', code: 'LOAD_TIMEOUT' });
        expect(took).toBeGreaterThanOrEqual(299);
        expect(took).toBeLessThan(300 + SLACK_MS);
      }
      expect(other.value).toBe('value');
      await endsWell(worker);
    }));

  it('that returns undefined is believed, and asked again the next time', () =>
    onStage(async (stage) => {
      const worker = await ready(stage);
      const { loads, outcomes } = await played<Loaded>(worker, 'loaderReturnsNothing');
      expect(loads).toBe(2);
      for (const { isUndefined } of outcomes) expect(isUndefined).toBe(true);
      await endsWell(worker);
    }));

  it('that returns after the shutdown still serves its caller, and the process ends', () =>
    onStage(async (stage) => {
      const worker = await ready(stage);
      await played(worker, 'loaderIsLate');
      await endsWell(worker);
      expect(worker.output).toBe('late: value\n');
    }));
});

describe.concurrent('many entries that expire in the same millisecond', { timeout: 120_000 }, () => {
  it('are loaded one load at a time each, in time and without a mishap, however many ask', () =>
    onStage(async (stage) => {
      const worker = await ready(stage, { options: { ttlJitter: 0 } });
      const seen = await played<{ stored: number; loads: number; overlaps: number; wrong: Outcome[]; longest: number }>(
        worker,
        'manyExpire',
      );
      expect(seen.stored).toBe(10_000);
      expect(seen.overlaps).toBe(0);
      // A second time where the first took so long that its news may be old, as on a machine that is very busy.
      expect(seen.loads).toBeGreaterThanOrEqual(10_000);
      expect(seen.loads).toBeLessThanOrEqual(20_000);
      expect(seen.wrong).toEqual([]);
      expect(seen.longest).toBeLessThan(45_000);
      const recoveredAfter = await worker.ask('recovered', { limit: 20_000 });
      const { health, failures, stall } = await endsWell(worker);
      expect(recoveredAfter, JSON.stringify({ health, failures, stall })).not.toBeNull();
    }));
});

describe.concurrent('a process that is killed while it holds the right to load', { timeout: 120_000 }, () => {
  it('holds the others up until its lease ends, and one of them loads', () =>
    onStage(async (stage) => {
      const worker = await ready(stage);
      const other = await ready(stage, { options: { leaseWaitMs: 10_000 } });
      await played(worker, 'holdLease');
      await until(async () => (await stage.admin.exists('shadower:l:{held}')) === 1);
      await worker.kill();

      const { loads, outcomes } = await played<Loaded>(other, 'wantHeld');

      expect(loads).toBe(1);
      for (const { value, took } of outcomes) {
        expect(value).toBe('value');
        expect(took).toBeLessThan(LEASE_MS + SLACK_MS);
      }
      await endsWell(other);
    }));
});

/** Hits in all tiers as a share of the reads. */
function hits({ tiers, reads }: PhaseReport): number {
  return (tiers.l1 + tiers.l2) / reads;
}

describe.concurrent('a clock', { timeout: 120_000 }, () => {
  it.each([
    ['forward', HOUR_MS],
    ['back', -HOUR_MS],
  ])('that is set %s by an hour while the process runs changes nothing', (_, by) =>
    onStage(async (stage) => {
      const worker = await ready(stage);
      await worker.ask('traffic', {});
      await pause(1_000);
      const before = await worker.ask('phase', {});
      await worker.ask('setDate', { by });
      await pause(1_500);
      const report = await endsWell(worker);
      expect(hits(report)).toBeGreaterThan(hits(before) / 2);
      expect(report.outcomes['degraded']).toBeUndefined();
    }),
  );

  it.each([
    ['ahead of', HOUR_MS],
    ['behind', -HOUR_MS],
  ])('that is an hour %s that of another machine: both answer rightly, and both hit', (_, clockAhead) =>
    onStage(async (stage) => {
      const pair = [
        await ready(stage, { workers: 2, seed: 1 }),
        await ready(stage, { workers: 2, seed: 2, clockAhead }),
      ];
      for (const worker of pair) await worker.ask('traffic', {});
      // Longer than the window, so that what one has invalidated may be missed by no reader of the other.
      await pause(4_000);
      for (const worker of pair) {
        const report = await endsWell(worker);
        expect(hits(report)).toBeGreaterThan(0.25);
        expect(report.outcomes['degraded']).toBeUndefined();
      }
    }),
  );

  it('that is wrong makes no entry live longer in Redis', () =>
    onStage(async (stage) => {
      const worker = await ready(stage, { clockAhead: HOUR_MS });
      await worker.ask('traffic', {});
      await pause(500);
      const names = await stage.admin.keys('shadower:e:*');
      const lives = await Promise.all(names.map((name) => stage.admin.pttl(name)));
      expect(lives.length).toBeGreaterThan(0);
      // Traffic asks for a minute and half a second of grace at most; the suite's own probe takes five minutes.
      for (const life of lives) expect(life).toBeLessThanOrEqual(330_000);
      await endsWell(worker);
    }));
});
