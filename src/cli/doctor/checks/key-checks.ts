import type { Milliseconds } from '../../../index.js';
import type { Patient, ServerCheck } from '../check.js';
import { fail, type Finding, pass, warn } from '../finding.js';
import { CommandError } from '../../redis/server.js';

const SAMPLE = 1_000;
/** A step looks at 500 names; on a server that others fill, few of them are ours. */
const STEPS = 200;
/** The cache keeps ten thousand records, about. */
const LONGEST_LEDGER = 20_000;
const JOINING_LIMIT: Milliseconds = 1_000;
const JOINING_PAUSE: Milliseconds = 25;

async function expiring(patient: Patient): Promise<Finding> {
  const { server, environment } = patient;
  const names = (await sample(patient)).filter((name) => !isStream(name, patient));
  const lives = await Promise.all(names.map((name) => server.send('PTTL', name)));
  const endless = lives.filter((life) => life === -1).length;
  const observed = `${endless} without a TTL among ${names.length} keys looked at`;
  if (endless === 0) return pass(observed);
  return warn(observed, `find who writes them: everything of the cache under ${environment.CACHE_PREFIX}:* has a TTL`);
}

async function sample({ server, environment }: Patient): Promise<string[]> {
  const names = new Set<string>();
  let cursor = '0';
  for (let step = 0; step < STEPS && names.size < SAMPLE; step += 1) {
    const reply = await server.send('SCAN', cursor, 'MATCH', `${environment.CACHE_PREFIX}:*`, 'COUNT', '500');
    const [next, found] = reply as [string, string[]];
    for (const name of found) names.add(name);
    cursor = next;
    if (cursor === '0') break;
  }
  return [...names];
}

async function ledger(patient: Patient): Promise<Finding> {
  const name = ledgerOf(patient);
  try {
    const length = await lengthOf(name, patient);
    if (length === 0) return warn('none', 'each instance begins one: see why this one could not (read-only? full?)');
    const observed = `length ${length}`;
    return length <= LONGEST_LEDGER
      ? pass(observed)
      : warn(observed, `see who else writes to ${name}: it is kept at 10000`);
  } catch (error) {
    if (!(error instanceof CommandError) || error.failure !== 'refused') throw error;
    return fail('another type of key has its name', `UNLINK ${name}, and find who wrote it`);
  }
}

/** This process has joined the ledger a moment ago, and begins it where there is none. */
async function lengthOf(name: string, { server, clock }: Patient): Promise<number> {
  const end = clock.now() + JOINING_LIMIT;
  for (;;) {
    const length = await server.send('XINFO', 'STREAM', name).then(lengthIn, noneIsZero);
    if (length > 0 || clock.now() >= end) return length;
    await new Promise<void>((resolve) => clock.after(JOINING_PAUSE, resolve));
  }
}

function lengthIn(reply: unknown): number {
  const facts = Array.isArray(reply) ? (reply as unknown[]) : [];
  return Number(facts[facts.indexOf('length') + 1]);
}

function noneIsZero(error: unknown): number {
  if (error instanceof CommandError && error.failure === 'missing') return 0;
  throw error;
}

function ledgerOf({ environment }: Patient): string {
  return `${environment.CACHE_PREFIX}:ledger`;
}

/** The ledger of the prefix, or of a named cache below it, or what they announce: kept at a length, and for ever. */
function isStream(name: string, patient: Patient): boolean {
  const [prefix, ledger] = [patient.environment.CACHE_PREFIX, ledgerOf(patient)];
  if (name === ledger || name === `${prefix}:announced:{${ledger}}`) return true;
  return (
    name.startsWith(`${prefix}:@`) &&
    [`:ledger:{${ledger}}`, `:announced:{${ledger}}`].some((end) => name.endsWith(end))
  );
}

/** What is stored. */
export const KEY_CHECKS: readonly ServerCheck[] = [
  {
    id: 'keys.expire',
    title: 'Every key expires',
    needs: 'server',
    run: expiring,
    look: 'redis-cli --scan, then PTTL',
  },
  { id: 'keys.ledger', title: 'The ledger is sound', needs: 'keys', run: ledger, look: 'redis-cli XINFO STREAM' },
];
