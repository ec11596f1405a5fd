import type { Redis } from 'ioredis';
import { pause } from '../coherence/context.js';
import { config, type Fault, onTheWay, repeatedly } from './fault.js';

/** A primary is away: a replica takes over, or serves its part again later, and other parts are served meanwhile. */
const TAKEN_OVER: Fault['but'] = { sentinel: { reads: 'partly' }, cluster: { reads: 'partly' } };

const KEYS_TO_LOAD = 5_000;

/** A hash tag whose slot the server serves. */
async function ownTag(operator: Redis): Promise<string> {
  for (let i = 0; ; i += 1) {
    const tag = `somebody:{${i}}`;
    if (await operator.set(tag, '').catch(() => null)) return tag;
  }
}

/** Faults of the servers' processes and of the connections to them. */
export const OUTAGES: readonly Fault[] = [
  {
    name: 'Redis is not there at start',
    atStart: true,
    inflict: async ({ setting: { servers } }) => {
      await Promise.all(servers.map((server) => server.kill()));
      return () => Promise.all(servers.map((server) => server.restart()));
    },
    reads: 'degraded',
    tells: ['unavailable'],
  },
  {
    name: 'Redis is killed and comes back',
    isTelling: true,
    inflict: async ({ victim }) => {
      await victim.kill();
      return () => victim.restart();
    },
    reads: 'degraded',
    tells: ['unavailable'],
    but: TAKEN_OVER,
  },
  {
    name: 'Redis is frozen and goes on',
    inflict: ({ victim }) => {
      victim.freeze();
      return Promise.resolve(async () => {
        victim.resume();
        await pause(0);
      });
    },
    reads: 'degraded',
    tells: ['timeout', 'unavailable'],
    but: TAKEN_OVER,
  },
  {
    name: 'a replica takes over, as planned',
    modes: ['sentinel', 'cluster'],
    inflict: async ({ setting }) => {
      await setting.failover?.();
      return () => Promise.resolve();
    },
    reads: 'any',
    tells: 'any',
  },
  {
    name: 'connections are cut in the middle of a reply, again and again',
    inflict: ({ proxies }) =>
      repeatedly(60, () => {
        for (const proxy of proxies) proxy.cutAfter(3);
        return undefined;
      }),
    reads: 'partly',
    tells: ['unavailable'],
  },
  {
    name: 'the connection is half-open: everything is swallowed',
    isTelling: true,
    inflict: (stage) =>
      onTheWay(
        stage,
        (proxy) => proxy.swallow(true),
        (proxy) => proxy.swallow(false),
      ),
    reads: 'degraded',
    tells: ['timeout', 'unavailable'],
  },
  {
    name: 'Redis is slow: 200 ms each',
    inflict: (stage) =>
      onTheWay(
        stage,
        (proxy) => proxy.slow(200),
        (proxy) => proxy.slow(0),
      ),
    commandTimeoutMs: 150,
    answersAfterMs: 200,
    reads: 'degraded',
    tells: ['timeout'],
  },
  {
    name: 'CLIENT PAUSE',
    inflict: async (stage) => {
      await stage.everywhere((operator) => operator.call('CLIENT', 'PAUSE', '4000', 'ALL'));
      return () => stage.everywhere((operator) => operator.ping());
    },
    reads: 'degraded',
    tells: ['timeout', 'unavailable'],
  },
  {
    name: 'Redis is loading its data',
    stage: {
      server: { args: ['--key-load-delay', '500', '--loading-process-events-interval-bytes', '1024'] },
    },
    prepare: (stage) =>
      stage.onPrimaries(async (operator) => {
        const fill = `for i = 1, ${KEYS_TO_LOAD} do redis.call('SET', KEYS[1] .. i, i) end`;
        await operator.eval(fill, 1, await ownTag(operator));
        await operator.save();
      }),
    inflict: async ({ victim }) => {
      await victim.kill();
      const back = victim.restart();
      return () => back;
    },
    reads: 'degraded',
    tells: ['loading', 'unavailable'],
    but: { cluster: { reads: 'partly' } },
  },
  {
    name: 'a script keeps Redis busy',
    inflict: async (stage) => {
      await config(stage, 'busy-reply-threshold', 50);
      const busy = await stage.onPrimaries((_, server) => {
        const client = stage.connect(server);
        client.eval('while true do end', 0).catch(() => undefined);
        return Promise.resolve(client);
      });
      return async () => {
        // Sentinels may have killed it before.
        await stage.onPrimaries((operator) => operator.call('SCRIPT', 'KILL').catch(() => undefined));
        for (const client of busy) client.disconnect();
      };
    },
    reads: 'degraded',
    tells: ['timeout', 'loading', 'unavailable'],
    but: { sentinel: { reads: 'any' } },
  },
];
