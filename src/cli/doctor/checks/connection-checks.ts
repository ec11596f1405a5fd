import type { Milliseconds } from '../../../index.js';
import type { Patient, ServerCheck } from '../check.js';
import { fail, type Finding, pass, warn } from '../finding.js';
import { readInfo } from '../../redis/info.js';
import { CommandError } from '../../redis/server.js';

const PINGS = 200;
const MEASURING_LIMIT: Milliseconds = 2_000;
const USUAL = { p50: 2, p99: 10 };
const CLOCK_DIFFERENCE = { warn: 1_000, fail: 30_000 };
const RETURN_LIMIT: Milliseconds = 5_000;

async function latency(patient: Patient): Promise<Finding> {
  const times = await roundTrips(patient);
  if (!times) return fail('no answer', 'look what keeps Redis busy: SLOWLOG GET, INFO commandstats');
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  const observed = `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms of ${times.length} pings`;
  const deadline = patient.environment.CACHE_COMMAND_TIMEOUT_MS;
  if (p99 >= deadline)
    return fail(
      observed,
      `commands get ${deadline} ms (CACHE_COMMAND_TIMEOUT_MS): bring Redis nearer, or find what slows it`,
    );
  if (p50 <= USUAL.p50 && p99 <= USUAL.p99) return pass(observed);
  return warn(
    observed,
    `expected: p50 up to ${USUAL.p50} ms, p99 up to ${USUAL.p99} ms; look at the network and at SLOWLOG GET`,
  );
}

/** Sorted; none when one is not answered. One after another, as a busy connection would hide what a single answer takes. */
async function roundTrips({ server, clock }: Patient): Promise<Milliseconds[] | undefined> {
  const times: Milliseconds[] = [];
  const end = clock.now() + MEASURING_LIMIT;
  while (times.length < PINGS && clock.now() < end) {
    const sent = clock.now();
    if (!(await server.send('PING').then(() => true, silence))) return undefined;
    times.push(clock.now() - sent);
  }
  return times.sort((a, b) => a - b);
}

function silence(error: unknown): boolean {
  if (error instanceof CommandError && error.failure === 'silent') return false;
  throw error;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}

async function clocks({ server, clock }: Patient): Promise<Finding> {
  const sent = clock.now();
  // Not TIME: a user made for the cache may ask for INFO only.
  const told = (await readInfo(server, 'server'))('server_time_usec');
  const difference = Math.round(Math.abs(Number(told) / 1_000 - (sent + clock.now()) / 2));
  const observed = `${difference} ms apart`;
  const remedy = 'synchronise both machines by NTP: how long values stay fresh is judged by their clocks';
  if (difference > CLOCK_DIFFERENCE.fail) return fail(observed, remedy);
  return difference > CLOCK_DIFFERENCE.warn ? warn(observed, remedy) : pass(observed);
}

async function reconnects({ server, clock, environment, place }: Patient): Promise<Finding> {
  const back = server.readyAgain(RETURN_LIMIT);
  const broken = clock.now();
  const by = await breakConnection(server);
  const answers = (await back) && (await server.send('PING').then(() => true, silence));
  if (!answers)
    return fail(`${by}, not back within ${RETURN_LIMIT} ms`, 'see why new connections fail: maxclients, network');
  const observed = `${by}, back after ${Math.round(clock.now() - broken)} ms`;
  // A Cluster is asked anew at once, whatever the schedule of retries.
  if (place.mode === 'cluster') return pass(observed);
  return pass(`${observed} (the application's first retry is after ${environment.CACHE_RETRY_BASE_MS} ms)`);
}

/** By the server where this user may, else as a network would; says which. */
async function breakConnection(server: Patient['server']): Promise<string> {
  try {
    const id = String(await server.send('CLIENT', 'ID'));
    // The connection may be closed before the answer is out.
    await server.send('CLIENT', 'KILL', 'ID', id, 'SKIPME', 'no').catch(silence);
    return 'closed by the server';
  } catch (error) {
    if (!(error instanceof CommandError) || error.failure === 'silent') throw error;
    server.dropSocket();
    return 'socket cut';
  }
}

/** How the connection serves. */
export const CONNECTION_CHECKS: readonly ServerCheck[] = [
  { id: 'connection.latency', title: 'Answers are quick', needs: 'server', run: latency },
  { id: 'connection.clock', title: 'Clocks agree', needs: 'server', run: clocks, look: 'redis-cli TIME; date' },
];

/** Breaks the connection, so it comes last. */
export const RECONNECT_CHECK: ServerCheck = {
  id: 'connection.reconnects',
  title: 'Reconnects by itself',
  needs: 'server',
  run: reconnects,
};
