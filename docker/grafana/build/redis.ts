import type { DashboardSpec } from './dashboard.js';
import { series, stat } from './panels.js';
import { of, rate, share } from './promql.js';

const MEMORY_SHARE = `max(${of('redis_memory_used_bytes')} / (${of('redis_memory_max_bytes')} > 0))`;
const CLIENT_SHARE = `max(${of('redis_connected_clients')} / ${of('redis_config_maxclients')})`;
const KEYS = `sum(${of('redis_db_keys')})`;
const FOUND = rate('redis_keyspace_hits_total');

/** What Redis does, as redis_exporter reports it. */
export const REDIS: DashboardSpec = {
  uid: 'shadower-redis',
  title: 'Redis',
  description: 'Memory, connections, commands and keys of Redis, as redis_exporter reports them.',
  subject: 'redis_up',
  sections: [
    {
      title: 'Overview',
      panels: [
        stat({
          title: 'Up',
          description: 'Share of the servers that answer the exporter.',
          unit: 'percentunit',
          queries: { up: `avg(${of('redis_up')})` },
          min: 0,
          max: 1,
        }),
        stat({
          title: 'Uptime',
          description: 'How long Redis has been running. Everything in it is younger.',
          unit: 's',
          queries: { uptime: `min(${of('redis_uptime_in_seconds')})` },
        }),
        stat({
          title: 'Memory used',
          description: 'Share of maxmemory. A full cache is normal as long as the hit rate is good.',
          unit: 'percentunit',
          queries: { used: MEMORY_SHARE },
          steps: [
            [0.8, 'yellow'],
            [0.9, 'orange'],
          ],
          min: 0,
          max: 1,
        }),
        stat({
          title: 'Evictions',
          description: 'Keys dropped each second because Redis was full.',
          unit: 'ops',
          queries: { evictions: rate('redis_evicted_keys_total') },
          steps: [[1, 'orange']],
        }),
        stat({
          title: 'Connections used',
          description: 'Share of maxclients. At 100 % Redis refuses connections.',
          unit: 'percentunit',
          queries: { used: CLIENT_SHARE },
          steps: [[0.8, 'red']],
          min: 0,
          max: 1,
        }),
        stat({
          title: 'Commands',
          description: 'Commands each second.',
          unit: 'ops',
          queries: { commands: rate('redis_commands_processed_total') },
        }),
        stat({
          title: 'Keys',
          description: 'Keys in all databases of the server.',
          unit: 'short',
          queries: { keys: KEYS },
        }),
        stat({
          title: 'Keys without a TTL',
          description: 'The cache keeps one: its ledger. More come from elsewhere.',
          unit: 'short',
          queries: { keys: `${KEYS} - sum(${of('redis_db_keys_expiring')})` },
          steps: [[10, 'orange']],
        }),
      ],
    },
    {
      title: 'Memory',
      panels: [
        series({
          title: 'Memory',
          description: 'What Redis uses, what it may use, and what it takes of the machine.',
          unit: 'bytes',
          queries: {
            used: `max(${of('redis_memory_used_bytes')})`,
            maxmemory: `max(${of('redis_memory_max_bytes')})`,
            resident: `max(${of('redis_memory_used_rss_bytes')})`,
            dataset: `max(${of('redis_memory_used_dataset_bytes')})`,
          },
          min: 0,
        }),
        series({
          title: 'Evicted and expired keys',
          description: 'Keys each second that went to make room, and whose time was over.',
          unit: 'ops',
          queries: { evicted: rate('redis_evicted_keys_total'), expired: rate('redis_expired_keys_total') },
          min: 0,
        }),
        series({
          title: 'Fragmentation',
          description: 'Memory lost between values. It matters when it is a large part of the memory used.',
          unit: 'bytes',
          queries: { lost: `max(${of('redis_mem_fragmentation_bytes')})` },
        }),
        series({
          title: 'Keys',
          description: 'Keys with and without a TTL.',
          unit: 'short',
          queries: {
            'with TTL': `sum(${of('redis_db_keys_expiring')})`,
            'without TTL': `${KEYS} - sum(${of('redis_db_keys_expiring')})`,
          },
          min: 0,
        }),
        series({
          title: 'Found keys',
          description:
            'Share of the keys asked for that were there. Lower than the hit rate: hits in memory do not come here.',
          unit: 'percentunit',
          queries: { found: share(FOUND, `(${FOUND} + ${rate('redis_keyspace_misses_total')})`) },
          min: 0,
          max: 1,
        }),
        series({
          title: 'Values waiting to be freed',
          description: 'Deleted values whose memory is freed in the background.',
          unit: 'short',
          queries: { waiting: `max(${of('redis_lazyfree_pending_objects')})` },
          min: 0,
        }),
      ],
    },
    {
      title: 'Connections',
      panels: [
        series({
          title: 'Connections',
          description: 'Open connections, those that wait for something, and how many there may be.',
          unit: 'short',
          queries: {
            connected: `max(${of('redis_connected_clients')})`,
            blocked: `max(${of('redis_blocked_clients')})`,
            maxclients: `max(${of('redis_config_maxclients')})`,
          },
          min: 0,
        }),
        series({
          title: 'New and refused connections',
          description:
            'Connections made and refused each second. Many new ones mean that somebody does not keep theirs.',
          unit: 'ops',
          queries: {
            new: rate('redis_connections_received_total'),
            refused: rate('redis_rejected_connections_total'),
          },
          min: 0,
        }),
        series({
          title: 'Network',
          description: 'Bytes received and sent each second.',
          unit: 'Bps',
          queries: { received: rate('redis_net_input_bytes_total'), sent: rate('redis_net_output_bytes_total') },
          min: 0,
        }),
      ],
    },
    {
      title: 'Commands',
      panels: [
        series({
          title: 'Commands by name',
          description: 'The ten commands that are sent most.',
          unit: 'ops',
          queries: { '{{cmd}}': `topk(10, ${rate('redis_commands_total', ['cmd'])})` },
          min: 0,
        }),
        series({
          title: 'Mean time by command',
          description: 'Time in Redis for one command, without the network. XREAD waits by design.',
          unit: 's',
          queries: {
            '{{cmd}}': `topk(10, ${share(
              rate('redis_commands_duration_seconds_total', ['cmd']),
              rate('redis_commands_total', ['cmd']),
            )})`,
          },
          min: 0,
        }),
        series({
          title: 'P99 by command',
          description: 'Ninety-nine of a hundred commands are faster, since Redis started.',
          unit: 'µs',
          queries: {
            '{{cmd}}': `topk(10, max by (cmd) (${of('redis_latency_percentiles_usec', 'quantile="99"')}))`,
          },
          min: 0,
        }),
        series({
          title: 'Failed and refused commands',
          description: 'Commands each second that ended in an error, and that were not run, as for want of a right.',
          unit: 'ops',
          queries: {
            'failed {{cmd}}': `${rate('redis_commands_failed_calls_total', ['cmd'])} > 0`,
            'refused {{cmd}}': `${rate('redis_commands_rejected_calls_total', ['cmd'])} > 0`,
          },
          min: 0,
        }),
        series({
          title: 'Slow log',
          description: 'Commands slower than 10 ms that are in the log, up to 128, and how long the last one took.',
          unit: 'short',
          queries: {
            entries: `max(${of('redis_slowlog_length')})`,
            'last, in seconds': `max(${of('redis_last_slow_execution_duration_seconds')})`,
          },
          min: 0,
        }),
        series({
          title: 'CPU',
          description: 'Cores in use. Redis runs commands on one: at 1 it is at its limit.',
          unit: 'short',
          queries: {
            user: rate('redis_cpu_user_seconds_total'),
            system: rate('redis_cpu_sys_seconds_total'),
          },
          min: 0,
        }),
      ],
    },
  ],
};
