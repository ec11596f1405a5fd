import type { Patient, ServerCheck } from '../check.js';
import { fail, type Finding, pass, unknown, warn } from '../finding.js';
import { welcomeOf } from '../stranger.js';

const LOOPBACK = /^-?(127(\.\d+){3}|::1)$/;
const EVERYWHERE = /^-?(\*|0\.0\.0\.0|::\*?)$/;
/** Share of `maxclients`. */
const CROWDED = 0.8;
const RECENT_SECONDS = 3_600;

function role({ info, place: { mode } }: Patient): Finding {
  if (info('role') === 'master') return pass('master');
  const wait = 'a failover is under way: run the doctor again when it is over';
  return fail('a replica', mode === 'standalone' ? 'point REDIS_URL at the master: a replica refuses writes' : wait);
}

function replicas({ info, environment, place: { mode } }: Patient): Finding {
  const [there, needed] = [Number(info('connected_slaves')), environment.REDIS_WAIT_REPLICAS];
  const observed = `${there} replicas, ${needed} waited for`;
  if (there < needed)
    return fail(observed, 'lower REDIS_WAIT_REPLICAS or add replicas: no invalidation is acknowledged like this');
  if (there === 0 && mode !== 'standalone')
    return warn(observed, 'add a replica: nobody can take over from this primary');
  const one = 'have a replica more than are waited for: while one is away, no invalidation is acknowledged';
  return there > 0 && there === needed ? warn(observed, one) : pass(observed);
}

async function bind({ server }: Patient): Promise<Finding> {
  const addresses = (await server.config('bind')).split(' ').filter((word) => word !== '');
  const observed = addresses.length === 0 ? 'every address' : addresses.join(' ');
  if (addresses.length > 0 && addresses.every((word) => LOOPBACK.test(word))) return pass(observed);
  if (addresses.length > 0 && !addresses.some((word) => EVERYWHERE.test(word))) return pass(observed);
  const remedy = 'bind 127.0.0.1 -::1; in a container keep it and publish no port, on a private network';
  const { endpoint } = server;
  return endpoint && (await welcomeOf(endpoint)) === 'let in'
    ? fail(`${observed}, without a password`, remedy)
    : warn(observed, remedy);
}

async function protectedMode({ server }: Patient): Promise<Finding> {
  const observed = await server.config('protected-mode');
  return observed === 'yes' ? pass('yes') : warn(observed, 'CONFIG SET protected-mode yes, and in redis.conf');
}

function clients({ info }: Patient): Finding {
  const [connected, limit, rejected] = ['connected_clients', 'maxclients', 'rejected_connections'].map((name) =>
    Number(info(name)),
  ) as [number, number, number];
  const observed = `${connected} of ${limit}, ${rejected} rejected`;
  if (connected > CROWDED * limit) return warn(observed, 'raise maxclients: a cache holds two connections per process');
  return rejected > 0 ? warn(observed, 'raise maxclients, or find who opens so many: CLIENT LIST') : pass(observed);
}

async function slowCommands({ server }: Patient): Promise<Finding> {
  const slower = Number(await server.config('slowlog-log-slower-than'));
  if (slower < 0) return warn('switched off', 'CONFIG SET slowlog-log-slower-than 10000');
  const [entries, time] = await Promise.all([server.send('SLOWLOG', 'GET', '128'), server.send('TIME')]);
  if (!Array.isArray(entries) || !Array.isArray(time)) return unknown('an unexpected reply', 'redis-cli SLOWLOG GET');
  const recent = (entries as unknown[][]).filter(([, at]) => Number(time[0]) - Number(at) < RECENT_SECONDS);
  const within = `slower than ${slower / 1_000} ms in the last hour`;
  if (recent.length === 0) return pass(`none ${within}`);
  const slowest = Math.max(...recent.map(([, , micros]) => Number(micros)));
  return warn(
    `${recent.length} ${within}, the slowest ${Math.round(slowest / 1_000)} ms`,
    'see which: redis-cli SLOWLOG GET',
  );
}

async function persistence({ server, info }: Patient): Promise<Finding> {
  const remedy = 'CONFIG SET save "" and appendonly no: a cache can be lost, and a full disk would stop its writes';
  if (info('aof_enabled') === '1') return warn('appendonly yes', remedy);
  if (info('rdb_last_bgsave_status') !== 'ok') return fail('the last snapshot failed', remedy);
  const save = await server.config('save');
  if (save === '') return pass('off');
  const stops = (await server.config('stop-writes-on-bgsave-error')) === 'yes';
  return stops
    ? warn(`snapshots (save ${save}); writes stop when one fails`, remedy)
    : pass(`snapshots (save ${save})`);
}

const REPLICATION = 'redis-cli INFO replication';

/** How the server is run. */
export const SERVER_CHECKS: readonly ServerCheck[] = [
  { id: 'server.role', title: 'Is the master', needs: 'server', run: role, look: REPLICATION },
  { id: 'server.replicas', title: 'Replicas are there', needs: 'server', run: replicas, look: REPLICATION },
  {
    id: 'server.bind',
    title: 'Listens where it should',
    needs: 'server',
    run: bind,
    look: 'redis-cli CONFIG GET bind',
  },
  {
    ...{ id: 'server.protected-mode', title: 'Protected mode', needs: 'server', run: protectedMode },
    look: 'redis-cli CONFIG GET protected-mode',
  },
  {
    id: 'server.clients',
    title: 'Room for connections',
    needs: 'server',
    run: clients,
    look: 'redis-cli INFO clients',
  },
  {
    id: 'server.slow-commands',
    title: 'No slow commands',
    needs: 'server',
    run: slowCommands,
    look: 'redis-cli SLOWLOG GET',
  },
  {
    ...{ id: 'server.persistence', title: 'Persistence is off', needs: 'server', run: persistence },
    look: 'redis-cli CONFIG GET save',
  },
];
