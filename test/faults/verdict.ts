import { COMMAND_TIMEOUT_MS, LEASE_WAIT_MS, type PhaseReport } from './messages.js';
import type { Expected } from './fault.js';

/** How a fault went. */
export interface Run {
  /** None where the fault was there before the worker. */
  readonly before: PhaseReport | undefined;
  /** From the fault on, until the circuit for reads was open if it came to that. */
  readonly onset: PhaseReport;
  readonly during: PhaseReport;
  /** From the end of the fault until all is as before. */
  readonly recovering: PhaseReport;
  readonly after: PhaseReport;
  /** Milliseconds from the end of the fault, or null. */
  readonly recoveredAfter: number | null;
  /** The worker's exit code, or what else became of it. */
  readonly exit: number | string;
  readonly output: string;
  readonly secrets: readonly string[];
}

/** How late a timer may fire, and the turn of the event loop that lets answers in first. */
const DEADLINE_MARGIN_MS = 20;
/** For a machine that is busy with other things; a second command deadline would be seen all the same. */
const SLACK_MS = 200;
/** No call may take longer than this, whatever it does: a walk over all keys included. */
const SETTLED_WITHIN_MS = 4_000;
/** The longest pause of the fast schedule with its jitter, a refused attempt at the worst moment, and the slack. */
const RECOVERED_WITHIN_MS = 1_250 + COMMAND_TIMEOUT_MS + 5 * SLACK_MS;
/** How many bytes a process may grow by. */
export const HEAP_GROWTH = 12e6;
export const RESIDENT_GROWTH = 80e6;
const COMMANDS_HELD = 500;
/** What can follow from any fault. */
const FOLLOWS = ['circuit-open', 'timeout', 'unavailable', 'overloaded'];

/** How long the suite waits before it says that there is no recovery. */
export const RECOVERY_LIMIT_MS = 12_000;

/** All that is wrong with a run; nothing, as a rule. */
export function complaints(fault: Expected, run: Run): string[] {
  return [
    ...Object.entries(phasesOf(run)).flatMap(([name, phase]) => common(phase).map((what) => `${name}: ${what}`)),
    ...told(fault, run),
    ...readsDuring(fault, run),
    ...rejections(fault, run),
    ...latency(fault, run),
    ...recovery(run),
    ...memory(run),
    ...process(run),
  ];
}

function phasesOf({ before, onset, during, recovering, after }: Run): Record<string, PhaseReport> {
  return { ...(before && { before }), onset, during, recovering, after };
}

function common(phase: PhaseReport): string[] {
  const found = [...phase.wrong.map((what) => `wrong answer: ${what}`), ...phase.mishaps];
  if (phase.longest > SETTLED_WITHIN_MS + phase.stall) found.push(`a call took or waits ${ms(phase.longest)}`);
  if (phase.commands > COMMANDS_HELD) found.push(`${phase.commands} commands are held by the client`);
  return found;
}

function told({ tells }: Expected, { onset, during }: Run): string[] {
  const failures = [...Object.keys(onset.failures), ...Object.keys(during.failures)];
  if (tells === 'any') return [];
  const mayFollow = tells.length > 0 || wasBusy(onset) || wasBusy(during) ? FOLLOWS : [];
  const foreign = failures.filter((failure) => ![...tells, ...mayFollow].includes(failure));
  if (foreign.length > 0) return [`told as ${foreign.join(', ')}`];
  if (tells.length === 0 || tells.some((failure) => failures.includes(failure))) return [];
  return [`told as [${failures.join(', ')}], not as ${tells.join(' or ')}`];
}

function readsDuring(expected: Expected, { during }: Run): string[] {
  const { reads } = expected;
  const found: string[] = [];
  if (during.reads < 10) found.push(`only ${during.reads} reads while it lasted`);
  const { degraded = 0, miss = 0 } = during.outcomes;
  if (reads === 'unaffected' && degraded > mayDegrade(during)) found.push(`${degraded} reads were degraded`);
  if ((reads === 'degraded' || reads === 'partly') && degraded === 0) found.push('no read was told to be degraded');
  if (reads === 'degraded' && miss > 0 && !answersInTime(expected, during))
    found.push(`${miss} reads were taken for misses`);
  return found;
}

/** Whether an answer that is late as a rule may have come before the deadline did, which the machine has put off. */
function answersInTime(
  { answersAfterMs = Infinity, commandTimeoutMs = COMMAND_TIMEOUT_MS }: Expected,
  { stall }: PhaseReport,
): boolean {
  return stall > answersAfterMs - commandTimeoutMs - DEADLINE_MARGIN_MS;
}

function rejections({ rejects = [] }: Expected, { onset, during }: Run): string[] {
  const rejected = [...Object.keys(onset.rejected), ...Object.keys(during.rejected)];
  return rejects.filter((why) => !rejected.includes(why)).map((why) => `no entry was rejected as ${why}`);
}

function latency(
  { reads, answers, commandTimeoutMs = COMMAND_TIMEOUT_MS }: Expected,
  { onset, during, after }: Run,
): string[] {
  const deadline = commandTimeoutMs + DEADLINE_MARGIN_MS + SLACK_MS;
  // Redis may have granted a lease and the answer been lost: while Redis answers, that lease is waited for.
  const waiting = deadline + LEASE_WAIT_MS;
  const meanwhile = reads === 'partly' ? waiting : deadline;
  const limits = [
    ['onset', onset, meanwhile],
    ['during', during, meanwhile],
    // One that began before the end of the fault may have met two deadlines on its way.
    ['after', after, waiting + commandTimeoutMs],
  ] as const;
  const found = limits
    .filter(([, { added, stall }, limit]) => added.p99 > limit + stall)
    .map(([name, { added }]) => `${name}: p99 of ${ms(added.p99)} added`);
  if (reads === 'degraded' && !answers && during.added.median >= 1 + during.stall / 100)
    found.push(`median of ${ms(during.added.median)} added`);
  return found;
}

function recovery({ recoveredAfter, recovering, after }: Run): string[] {
  if (recoveredAfter === null) return [`no recovery within ${ms(RECOVERY_LIMIT_MS)}: ${JSON.stringify(after.health)}`];
  const found: string[] = [];
  if (recoveredAfter > RECOVERED_WITHIN_MS + recovering.stall) found.push(`recovered after ${ms(recoveredAfter)}`);
  const { l1, l2 } = after.tiers;
  if (l2 === 0) found.push('nothing was read from Redis afterwards');
  if (l1 + l2 < 0.25 * after.reads) found.push(`${l1 + l2} hits of ${after.reads} reads afterwards`);
  return [...found, ...troubleAfter(after)];
}

/** Where the machine itself held things up for as long, a command may have missed its deadline without a fault. */
function wasBusy({ stall }: PhaseReport): boolean {
  return stall > COMMAND_TIMEOUT_MS / 4;
}

function mayDegrade(phase: PhaseReport): number {
  return wasBusy(phase) ? phase.reads / 2 : 0;
}

function troubleAfter(after: PhaseReport): string[] {
  const { degraded = 0 } = after.outcomes;
  const found: string[] = [];
  if (degraded > mayDegrade(after)) found.push(`${degraded} reads were degraded afterwards`);
  const told = Object.keys(after.failures).filter((failure) => !wasBusy(after) || !FOLLOWS.includes(failure));
  if (told.length > 0) found.push(`failures afterwards: ${JSON.stringify(after.failures)}`);
  return found;
}

function memory({ before, onset, after }: Run): string[] {
  const { heap, resident } = before ?? onset;
  const found: string[] = [];
  if (after.heap - heap > HEAP_GROWTH) found.push(`the heap grew by ${after.heap - heap} bytes`);
  if (after.resident - resident > RESIDENT_GROWTH)
    found.push(`resident memory grew by ${after.resident - resident} bytes`);
  return found;
}

function process({ exit, output, secrets, ...phases }: Run): string[] {
  const found: string[] = [];
  if (exit !== 0) found.push(`the process: ${exit}`);
  if (output !== '') found.push(`printed: ${output}`);
  const everything = JSON.stringify(phases) + output;
  if (secrets.some((secret) => everything.includes(secret))) found.push('a password is shown');
  return found;
}

function ms(duration: number): string {
  return `${duration.toFixed(1)} ms`;
}
