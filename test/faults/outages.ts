import { pause } from '../coherence/context.js';
import { config, type Fault, repeatedly } from './fault.js';

/** Faults of the server's process and of the connection to it. */
export const OUTAGES: readonly Fault[] = [
  {
    name: 'Redis is not there at start',
    atStart: true,
    inflict: async ({ redis }) => {
      await redis.kill();
      return () => redis.restart();
    },
    reads: 'degraded',
    tells: ['unavailable'],
  },
  {
    name: 'Redis is killed and comes back',
    inflict: async ({ redis }) => {
      await redis.kill();
      return () => redis.restart();
    },
    reads: 'degraded',
    tells: ['unavailable'],
  },
  {
    name: 'Redis is frozen and goes on',
    inflict: ({ redis }) => {
      redis.freeze();
      return Promise.resolve(async () => {
        redis.resume();
        await pause(0);
      });
    },
    reads: 'degraded',
    tells: ['timeout', 'unavailable'],
  },
  {
    name: 'connections are cut in the middle of a reply, again and again',
    inflict: ({ proxy }) =>
      repeatedly(60, () => {
        proxy.cutAfter(3);
        return undefined;
      }),
    reads: 'partly',
    tells: ['unavailable'],
  },
  {
    name: 'the connection is half-open: everything is swallowed',
    inflict: ({ proxy }) => {
      proxy.swallow(true);
      return Promise.resolve(async () => {
        proxy.swallow(false);
        await pause(0);
      });
    },
    reads: 'degraded',
    tells: ['timeout', 'unavailable'],
  },
  {
    name: 'Redis is slow: 200 ms each',
    inflict: ({ proxy }) => {
      proxy.slow(200);
      return Promise.resolve(async () => {
        proxy.slow(0);
        await pause(0);
      });
    },
    commandTimeoutMs: 150,
    reads: 'degraded',
    tells: ['timeout'],
  },
  {
    name: 'CLIENT PAUSE',
    inflict: async ({ admin }) => {
      await admin.call('CLIENT', 'PAUSE', '4000', 'ALL');
      return () => admin.ping();
    },
    reads: 'degraded',
    tells: ['timeout', 'unavailable'],
  },
  {
    name: 'Redis is loading its data',
    stage: {
      server: { args: ['--key-load-delay', '500', '--loading-process-events-interval-bytes', '1024'] },
    },
    prepare: async ({ admin }) => {
      const fill = "for i = 1, 5000 do redis.call('SET', 'somebody:' .. i, i) end";
      await admin.eval(fill, 0);
      await admin.save();
    },
    inflict: async ({ redis }) => {
      await redis.kill();
      const back = redis.restart();
      return () => back;
    },
    reads: 'degraded',
    tells: ['loading', 'unavailable'],
  },
  {
    name: 'a script keeps Redis busy',
    inflict: async (stage) => {
      await config(stage, 'busy-reply-threshold', 50);
      const busy = stage.connect();
      busy.eval('while true do end', 0).catch(() => undefined);
      return async () => {
        await stage.admin.call('SCRIPT', 'KILL');
        busy.disconnect();
      };
    },
    reads: 'degraded',
    tells: ['timeout', 'loading', 'unavailable'],
  },
];
