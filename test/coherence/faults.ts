import type { ChildProcess } from 'node:child_process';
import { Redis } from 'ioredis';
import type { RedisServer } from '../support/redis-server.js';
import type { Chance } from './chance.js';
import { pause } from './context.js';
import type { Fault } from './options.js';
import { monotonic } from './history.js';
import type { Place } from './places.js';

/** What faults are done to. */
export interface Victims {
  readonly place: Place;
  readonly workers: readonly ChildProcess[];
  readonly isOver: () => boolean;
}

/** When a fault was under way, by the clock of the history. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What was done of one kind of fault. */
export interface Inflicted {
  readonly fault: Fault;
  /** When each was tried. */
  readonly spans: readonly Span[];
  /** How many came about. */
  readonly done: number;
  /** Why the last one did not that did not. */
  readonly refusal: unknown;
}

/** Does one kind of fault again and again until the run is over. */
export async function inflict(fault: Fault, victims: Victims, chance: Chance): Promise<Inflicted> {
  const redis = victims.place.server;
  const admin = redis && operatorOf(redis);
  const { proxies } = victims.place;
  const scene = { ...victims, proxies, redis: redis as RedisServer, admin: admin as Redis };
  const spans: Span[] = [];
  let [done, refusal]: [number, unknown] = [0, undefined];
  while (!victims.isOver()) {
    await pause(chance.between(...PAUSES[fault]));
    if (victims.isOver()) break;
    const from = monotonic();
    // One may be refused, as by a server that has not come back yet.
    await ACTIONS[fault](scene, chance).then(
      () => (done += 1),
      (error: unknown) => (refusal = error),
    );
    spans.push({ from, to: monotonic() });
  }
  admin?.disconnect();
  return { fault, spans, done, refusal };
}

function operatorOf({ port }: RedisServer): Redis {
  const options = { disableClientInfo: true, commandTimeout: 500, maxRetriesPerRequest: 1 };
  const admin = new Redis(port, '127.0.0.1', options);
  admin.on('error', () => undefined);
  return admin;
}

type Scene = Victims & Pick<Place, 'proxies'> & { readonly redis: RedisServer; readonly admin: Redis };
type Action = (scene: Scene, chance: Chance) => Promise<unknown>;

/** Milliseconds between two faults of a kind. */
const PAUSES: Readonly<Record<Fault, readonly [number, number]>> = {
  none: [1_000, 1_000],
  freeze: [300, 1_500],
  'kill-connections': [50, 800],
  restart: [2_000, 6_000],
  'trim-ledger': [50, 500],
  evict: [1, 20],
  partition: [300, 1_500],
  delay: [100, 600],
  failover: [500, 4_000],
  'kill-primary': [500, 4_000],
  'freeze-primary': [500, 4_000],
  'move-slots': [0, 200],
};

const ACTIONS: Readonly<Record<Fault, Action>> = {
  none: () => Promise.resolve(),
  freeze: async ({ redis, workers }, chance) => {
    const pids = [redis.pid, ...workers.map(({ pid }) => pid)].filter((pid) => pid !== undefined);
    const pid = chance.pick(pids);
    process.kill(pid, 'SIGSTOP');
    await pause(chance.pick([50, 300, 1_000, 2_500, 3_500]));
    process.kill(pid, 'SIGCONT');
  },
  'kill-connections': ({ admin }) => admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
  restart: async ({ redis }, chance) => {
    await redis.kill();
    await pause(chance.between(0, 1_500));
    await redis.restart();
  },
  'trim-ledger': async ({ admin, workers }, chance) => {
    const { pid } = chance.pick(workers);
    if (pid === undefined) return;
    // A process that does not listen while the ledger is trimmed has missed something for good.
    process.kill(pid, 'SIGSTOP');
    await pause(chance.between(20, 1_500));
    await admin.xtrim('shadower:ledger', 'MAXLEN', 0).finally(() => {
      process.kill(pid, 'SIGCONT');
    });
  },
  evict: async ({ admin }, chance) => {
    const kind = chance.pick(['g', 'g', 'l', 'e', 'ledger', 'announced'] as const);
    if (kind === 'announced')
      return chance.fraction() < 0.05 ? admin.unlink('shadower:announced:{shadower:ledger}') : undefined;
    if (kind === 'ledger') return chance.fraction() < 0.05 ? admin.unlink('shadower:ledger') : undefined;
    const [, names] = await admin.scan(0, 'MATCH', `shadower:${kind}:*`, 'COUNT', 1_000);
    return names.length > 0 ? admin.unlink(chance.pick(names)) : undefined;
  },
  partition: async ({ proxies }, chance) => {
    const proxy = chance.pick(proxies);
    proxy.swallow(true);
    await pause(chance.pick([100, 500, 2_500, 4_000]));
    proxy.swallow(false);
  },
  delay: ({ proxies }, chance) => {
    chance.pick(proxies).delay(() => chance.pick([0, 0, 10, 50]));
    return Promise.resolve();
  },
  failover: ({ place }, chance) => place.failover(chance),
  'kill-primary': ({ place }, chance) => place.killPrimary(chance),
  'freeze-primary': ({ place }, chance) => place.freezePrimary(chance),
  'move-slots': ({ place }, chance) => place.moveSlot(chance),
};
