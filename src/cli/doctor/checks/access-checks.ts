import type { Patient, ServerCheck } from '../check.js';
import { fail, type Finding, pass, unknown, warn } from '../finding.js';
import { permitted } from '../permissions.js';
import { CommandError } from '../../redis/server.js';
import { welcomeOf } from '../stranger.js';

const ACL_REMEDY = 'ACL SETUSER app on >PASSWORD ~PREFIX:* +@read +@write +@connection +@scripting -@dangerous +info';
const CLUSTER_RULES = ' +cluster|info +cluster|slots +cluster|nodes';

/** With arguments, as a command alone may be refused where it is not. */
const DANGEROUS = [
  ...['KEYS *', 'FLUSHALL', 'FLUSHDB', 'SWAPDB 0 1', 'CONFIG SET maxmemory 0', 'CONFIG REWRITE', 'DEBUG SLEEP 0'],
  ...[
    'SHUTDOWN NOSAVE',
    'REPLICAOF NO ONE',
    'SAVE',
    'MONITOR',
    'MODULE UNLOAD none',
    'ACL SETUSER none',
    'CLIENT KILL ID 1',
  ],
];

async function strangers({ server: { endpoint } }: Patient): Promise<Finding> {
  const welcome = endpoint && (await welcomeOf(endpoint));
  const remedy = 'ACL SETUSER default off, or requirepass with a password of your own';
  if (welcome === undefined) return unknown('nobody answered', 'redis-cli -e --no-auth-warning ping must say NOAUTH');
  return welcome === 'refused' ? pass('whoever has no password is refused') : fail(`strangers are ${welcome}`, remedy);
}

async function user(patient: Patient): Promise<Finding> {
  const { server, place } = patient;
  const name = await server.send('ACL', 'WHOAMI').then(String, (error: unknown) => {
    if (error instanceof CommandError && error.failure !== 'silent') return place.user;
    throw error;
  });
  if (name !== 'default') return pass(`user ${name}`);
  return warn('user default', `${rulesFor(patient)}; then ACL SETUSER default off`);
}

async function prefixOnly(patient: Patient): Promise<Finding> {
  const { CACHE_PREFIX: prefix } = patient.environment;
  // A key that nobody has: the rule is asked for, the key is not read.
  const foreign = ['GET', 'UNLINK'].map((command) => `${command} not-${prefix}:doctor`);
  const allowed = await permitted(patient, foreign);
  if (allowed.length === 0) return pass(`keys of ${prefix}:* only`);
  return warn('may touch keys of others', rulesFor(patient));
}

async function dangerous(patient: Patient): Promise<Finding> {
  const allowed = await permitted(patient, DANGEROUS);
  if (allowed.length === 0) return pass(`${DANGEROUS.length} of ${DANGEROUS.length} refused`);
  const names = allowed.map((line) => /^(CONFIG \w+|ACL \w+|CLIENT \w+|MODULE \w+|\w+)/.exec(line)?.[1] ?? line);
  return fail(`may run ${names.join(', ')}`, rulesFor(patient));
}

async function commands(patient: Patient): Promise<Finding> {
  const key = `${patient.environment.CACHE_PREFIX}:doctor`;
  return needed(patient, [
    ...[`MGET ${key}`, `GET ${key}`, `SET ${key} 1`, `UNLINK ${key}`, 'SCAN 0', `GETRANGE ${key} 0 1`, `STRLEN ${key}`],
    ...[`PEXPIRE ${key} 1`, 'DBSIZE', 'PING', 'INFO'],
    ...(patient.environment.REDIS_WAIT_REPLICAS > 0 ? ['WAIT 0 0'] : []),
  ]);
}

async function scripts(patient: Patient): Promise<Finding> {
  try {
    await patient.server.send('EVAL', 'return 1', '0');
  } catch (error) {
    if (!(error instanceof CommandError) || error.failure === 'silent') throw error;
    return fail('EVAL is refused', 'allow +eval +evalsha: values are stored by scripts');
  }
  return needed(patient, ['EVAL return 0', 'EVALSHA sha 0']);
}

function streams(patient: Patient): Promise<Finding> {
  const ledger = `${patient.environment.CACHE_PREFIX}:ledger`;
  const lines = [
    `XADD ${ledger} * r 1`,
    `XREAD STREAMS ${ledger} 0`,
    `XREVRANGE ${ledger} + -`,
    `XINFO STREAM ${ledger}`,
  ];
  return needed(patient, lines);
}

/** Whether this user may run these commands. */
export async function needed(patient: Patient, lines: readonly string[]): Promise<Finding> {
  const allowed = await permitted(patient, lines);
  const names = (list: readonly string[]): string =>
    list.map((line) => /^((XINFO|CLUSTER) )?\w+/.exec(line)?.[0]).join(', ');
  const lacking = lines.filter((line) => !allowed.includes(line));
  if (lacking.length === 0) return pass(names(lines));
  return fail(`may not run ${names(lacking)}`, rulesFor(patient));
}

function rulesFor({ environment: { CACHE_PREFIX }, place: { mode } }: Patient): string {
  return ACL_REMEDY.replace('PREFIX', CACHE_PREFIX) + (mode === 'cluster' ? CLUSTER_RULES : '');
}

const BY_ADMINISTRATOR = 'as an administrator: ACL GETUSER app';

/** Who may do what. */
export const ACCESS_CHECKS: readonly ServerCheck[] = [
  { id: 'access.strangers', title: 'A password is asked for', needs: 'server', run: strangers },
  { id: 'access.user', title: 'A user of its own', needs: 'server', run: user },
  { id: 'access.prefix', title: 'Its own keys only', needs: 'server', run: prefixOnly, look: BY_ADMINISTRATOR },
  {
    id: 'access.dangerous',
    title: 'Dangerous commands are refused',
    needs: 'server',
    run: dangerous,
    look: BY_ADMINISTRATOR,
  },
  {
    id: 'access.commands',
    title: 'What reads and writes need is allowed',
    needs: 'server',
    run: commands,
    look: BY_ADMINISTRATOR,
  },
  { id: 'access.scripts', title: 'Scripts are allowed', needs: 'server', run: scripts, look: BY_ADMINISTRATOR },
  {
    id: 'access.streams',
    title: 'The ledger’s commands are allowed',
    needs: 'server',
    run: streams,
    look: BY_ADMINISTRATOR,
  },
];
