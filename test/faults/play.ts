import { pause } from '../coherence/context.js';
import type { Flaw } from './flaws.js';
import { StallMeter } from './stall-meter.js';
import type { ModeName } from './settings.js';
import { Stage } from './stage.js';
import type { Fault } from './fault.js';
import { RECOVERY_LIMIT_MS, type Run } from './verdict.js';

const BEFORE_MS = 700;
const OPENED_WITHIN_MS = 1_000;
const DURING_MS = 800;
const AFTER_MS = 700;
/** A busy machine takes longer for them. */
const ENOUGH = { count: 100, limit: 3_000 };

/** So many runs at a time share the machine without disturbing each other. */
const AT_A_TIME = 3;
const waiting: (() => void)[] = [];
let playing = 0;

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (playing >= AT_A_TIME) await new Promise<void>((resolve) => waiting.push(resolve));
  playing += 1;
  try {
    return await work();
  } finally {
    playing -= 1;
    waiting.shift()?.();
  }
}

/** With what a fault is played. */
export interface PlayOptions {
  /** @default 'standalone' */
  readonly mode?: ModeName;
  readonly flaw?: Flaw;
}

/** Sets a stage, lets traffic run before, during and after the fault, and ends the worker. */
export function play(fault: Fault, options: PlayOptions = {}): Promise<Run> {
  return inTurn(() => onStage(fault, options));
}

async function onStage(fault: Fault, { mode, flaw }: PlayOptions): Promise<Run> {
  const stage = await Stage.open(fault.stage, mode);
  try {
    await fault.prepare?.(stage);
    return await run(stage, fault, flaw);
  } finally {
    await stage.close();
  }
}

async function run(stage: Stage, fault: Fault, flaw: Flaw | undefined): Promise<Run> {
  const early = fault.atStart ? await fault.inflict(stage) : undefined;
  const { commandTimeoutMs } = fault;
  const worker = await stage.startWorker({ ...(flaw && { flaw }), ...(commandTimeoutMs && { commandTimeoutMs }) });
  const stalls = new StallMeter();
  const phase = async (): Promise<Run['onset']> => {
    const report = await worker.ask('phase', {});
    return { ...report, stall: report.stall + stalls.take() };
  };
  if (!early) await worker.ask('recovered', { limit: RECOVERY_LIMIT_MS });
  await phase();
  await worker.ask('traffic', {});
  await pause(early ? 0 : BEFORE_MS);
  const before = early ? undefined : await phase();

  const heal = early ?? (await fault.inflict(stage));
  const lasting = pause(fault.lasts ?? 0);
  await worker.ask('opened', { limit: OPENED_WITHIN_MS });
  await lasting;
  const onset = await phase();
  await pause(DURING_MS);
  await worker.ask('reads', ENOUGH);
  const during = await phase();

  await heal();
  await stage.setting.untilHealthy();
  const recoveredAfter = await worker.ask('recovered', { limit: RECOVERY_LIMIT_MS });
  const recovering = await phase();
  await pause(AFTER_MS);
  await worker.ask('reads', ENOUGH);
  const after = await phase();
  stalls.stop();
  const exit = await worker.stop();
  const { output } = worker;
  return { before, onset, during, recovering, after, recoveredAfter, exit, output, secrets: stage.secrets };
}
