import type { Patient, ServerCheck } from '../check.js';
import { fail, type Finding, pass, warn } from '../finding.js';

const MIB = 1_048_576;
/** Shares of `maxmemory`; the first is the guide's aim. */
const ROOM = { good: 0.8, full: 0.95 };
/** What buffers and fragmentation take besides. */
const OVERHEAD = 1.5;

function limit({ info }: Patient): Finding {
  const [most, machine] = [Number(info('maxmemory')), Number(info('total_system_memory'))];
  if (most === 0)
    return fail('none', 'CONFIG SET maxmemory 512mb, and in redis.conf: without it Redis grows until it is killed');
  if (OVERHEAD * most <= machine) return pass(mib(most));
  return warn(
    `${mib(most)} of a machine with ${mib(machine)}`,
    'leave half as much again for buffers and fragmentation',
  );
}

function policy({ info }: Patient): Finding {
  const observed = info('maxmemory_policy');
  const remedy = 'CONFIG SET maxmemory-policy allkeys-lru, and in redis.conf';
  if (observed.startsWith('allkeys-')) return pass(observed);
  if (observed === 'noeviction') return fail('noeviction: once full, nothing is stored', remedy);
  return warn(`${observed}: keys without a TTL are never evicted`, remedy);
}

function headroom({ info }: Patient): Finding {
  const [used, most, evicted] = ['used_memory', 'maxmemory', 'evicted_keys'].map((name) => Number(info(name))) as [
    number,
    number,
    number,
  ];
  if (most === 0) return warn(`${mib(used)}, without a limit`, 'set maxmemory first');
  const observed = `${Math.round((100 * used) / most)} % of ${mib(most)}, ${evicted} evicted`;
  if (used <= ROOM.good * most) return pass(observed);
  if (used > ROOM.full * most && info('maxmemory_policy') === 'noeviction')
    return fail(observed, 'raise maxmemory and evict: CONFIG SET maxmemory-policy allkeys-lru');
  return warn(observed, 'raise maxmemory where the hit rate suffers, or shorten the TTLs of what is seldom read');
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

const LOOK = 'redis-cli INFO memory';

/** What memory it may take, and what happens when that is used up. */
export const MEMORY_CHECKS: readonly ServerCheck[] = [
  { id: 'memory.limit', title: 'Memory is limited', needs: 'server', run: limit, look: LOOK },
  { id: 'memory.policy', title: 'Evicts when full', needs: 'server', run: policy, look: LOOK },
  { id: 'memory.headroom', title: 'Memory to spare', needs: 'server', run: headroom, look: LOOK },
];
