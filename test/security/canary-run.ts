import { pause } from '../coherence/context.js';
import { KEYS } from '../coherence/source.js';
import { type Fault, faultsIn } from '../faults/fault.js';
import { DAMAGE } from '../faults/damage.js';
import { OUTAGES } from '../faults/outages.js';
import { REFUSALS } from '../faults/refusals.js';
import { Stage } from '../faults/stage.js';
import { ALLOWED } from './allowed.js';
import { canary, type Leak, type Secret, Watch } from './canary.js';
import { CanaryApplication } from './canary-application.js';

/** Every fault of the fault kit: a new one is covered by itself. */
export const FAULTS: readonly Fault[] = faultsIn('standalone', [...OUTAGES, ...REFUSALS, ...DAMAGE]);

const COMMAND_TIMEOUT_MS = 150;
const DURING_MS = 800;

/** What came of one fault. */
export interface CanaryRun {
  readonly leaks: readonly Leak[];
  readonly watch: Watch;
  /** How often each type of event was seen. */
  readonly events: ReadonlyMap<string, number>;
}

/** The fault kit's own keys and passwords are secrets like any others. */
export const SECRETS: ReadonlyMap<string, Secret> = new Map([
  ...KEYS.map((key) => [key, 'key'] as const),
  ...FAULTS.flatMap(({ stage }) => [...(stage?.secrets ?? []), stage?.server?.password])
    .filter((word) => word !== undefined)
    .map((word) => [word, 'password'] as const),
]);

/** Where the applications reach Redis: the operator's connections, which inflict the faults, have other ports. */
export const APPLICATION_PORTS = new Set<number>();

/** Lets an application run before, during and after a fault, and looks at all that it shows; log lines are shown to `logs`. */
export async function runUnder(fault: Fault, run: number, logs: Watch): Promise<CanaryRun> {
  const server = { password: canary('password', run), ...fault.stage?.server };
  const stage = await Stage.open({ ...fault.stage, server });
  try {
    await fault.prepare?.(stage);
    return await onStage(stage, fault, { run, logs });
  } finally {
    await stage.close();
  }
}

async function onStage(
  stage: Stage,
  fault: Fault,
  { run, logs }: { readonly run: number; readonly logs: Watch },
): Promise<CanaryRun> {
  APPLICATION_PORTS.add(stage.victim.clientPort);
  const password = stage.secrets.at(-1) ?? '';
  const watch = new Watch(ALLOWED, SECRETS);
  const early = fault.atStart ? await fault.inflict(stage) : undefined;
  const application = await CanaryApplication.start({
    run,
    watch,
    logs,
    cache: { redis: redisOf(stage, password, run) },
  });
  try {
    if (!early) await pause(200);
    await application.round();
    const heal = early ?? (await fault.inflict(stage));
    const until = performance.now() + Math.max(DURING_MS, fault.lasts ?? 0);
    do await application.round();
    while (performance.now() < until);
    await heal();
    await application.round();
  } finally {
    await application.stop();
  }
  return { leaks: watch.leaks, watch, events: application.events };
}

/** The password in the address, or beside it: each in every other run. */
function redisOf(
  { victim: { clientPort } }: Stage,
  password: string,
  run: number,
): { url: string; password?: string; retry: 'fast'; commandTimeoutMs: number } {
  const common = { retry: 'fast' as const, commandTimeoutMs: COMMAND_TIMEOUT_MS };
  if (run % 2 === 0) return { url: `redis://:${password}@127.0.0.1:${clientPort}/0`, ...common };
  return { url: `redis://127.0.0.1:${clientPort}/0`, password, ...common };
}
