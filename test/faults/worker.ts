/* One process of the fault suite: the real module's parts on a real Redis, under steady traffic. */
import { Cluster } from 'ioredis';
import { CacheEvents } from '../../src/cache/cache-events.js';
import { type CacheHealth, CacheHealthIndicator } from '../../src/cache/cache-health.js';
import { resolveOptions } from '../../src/cache/cache-options.js';
import { type CacheRuntime, createRuntime } from '../../src/cache/cache-runtime.js';
import { CacheService } from '../../src/cache/cache.service.js';
import { Tally as CacheTally } from '../../src/cache/tally.js';
import { EventBinder } from '../../src/cache/event-binder.js';
import { IMPLEMENTATIONS } from '../../src/cache/implementations.js';
import { InvalidationService } from '../../src/cache/invalidation.service.js';
import { SystemClock } from '../../src/primitives/clock.js';
import { pause } from '../coherence/context.js';
import { monotonic } from '../coherence/history.js';
import { Source } from '../coherence/source.js';
import { misbehave, partsWith } from './flaws.js';
import { Floors } from './floors.js';
import { type Asks, type Assignment, COMMAND_TIMEOUT_MS, type Floor, LEASE_WAIT_MS } from './messages.js';
import { SCENARIOS } from './scenarios.js';
import { Tally } from './tally.js';
import { orAfter, Traffic } from './traffic.js';

const POLL_MS = 10;

const assignment = JSON.parse(process.argv[2] as string) as Assignment;
const {
  worker,
  workers,
  seed,
  redis,
  sourceUrl,
  clockAhead = 0,
  flaw,
  commandTimeoutMs = COMMAND_TIMEOUT_MS,
} = assignment;

let ahead = clockAhead;

/** The clock of a machine whose time is wrong. */
class ShiftedClock extends SystemClock {
  override now(): number {
    return super.now() + ahead;
  }
}

const tally = new Tally();
process.on('unhandledRejection', (error) => tally.mishap(`unhandled rejection: ${String(error)}`));
process.on('uncaughtException', (error) => tally.mishap(`uncaught exception: ${String(error)}`));
process.on('warning', (warning) => {
  if (!/Experimental|Deprecation/.test(warning.name)) tally.mishap(`warning: ${String(warning)}`);
});

const options = resolveOptions({
  redis: { ...redis, retry: 'fast', commandTimeoutMs },
  leaseMs: 2_000,
  leaseWaitMs: LEASE_WAIT_MS,
  ...assignment.options,
});
const events = new CacheEvents();
events.subscribe(tally.listen);
const parts = { ...IMPLEMENTATIONS, clock: () => new ShiftedClock(), ...partsWith(flaw) };
const runtime = createRuntime(options, events, parts);
const cache = new CacheService(runtime, options, events, new CacheTally());
const invalidation = new InvalidationService(runtime, options, new EventBinder(runtime, options));
const indicator = new CacheHealthIndicator([['default', { runtime }]]);
const source = new Source(sourceUrl);
const floors = new Floors();
const tell = (raised: readonly Floor[]): void => void process.send?.({ raised });
const traffic = new Traffic({ cache, invalidation, source, floors, tally, seed, worker, workers, tell });

function health(): CacheHealth {
  return indicator.check('cache').cache;
}

/** What the client keeps for each connection; its own fields, as no public ones tell. */
function commandsHeld({ connection }: CacheRuntime): number {
  const client: unknown = connection?.client;
  const clients = client instanceof Cluster ? [client, ...client.nodes()] : client ? [client] : [];
  const queues = clients as unknown as { commandQueue?: unknown[]; offlineQueue: unknown[] }[];
  return queues.reduce(
    (held, { commandQueue = [], offlineQueue }) => held + commandQueue.length + offlineQueue.length,
    0,
  );
}

async function within(limit: number, condition: () => boolean | Promise<boolean>): Promise<number | null> {
  const begun = monotonic();
  while (monotonic() - begun < limit) {
    if (await orAfter(limit, condition())) return monotonic() - begun;
    await pause(POLL_MS);
  }
  return null;
}

let probes = 0;

/**
 * A circuit closes by a probe, which is one of the calls of its kind: so there is one of each first. The ledger must have
 * been read since: after a fault shorter than the coherence lease, its loss is found, and dealt with, a moment later.
 */
async function isRecovered(since: number): Promise<boolean> {
  const name = `probe:${worker}-${(probes += 1)}`;
  const { stored } = await cache.lookup(name, () => 'stored');
  const { source: from } = await cache.lookup(name, () => 'not read', { consistency: 'strict' });
  await cache.delete(name);
  const { status, coherent, queuedInvalidations, circuits } = health();
  const isFollowed = runtime.view.lease.asOf > since;
  const isWell = status === 'up' && coherent && isFollowed && queuedInvalidations === 0;
  return isWell && stored && from === 'l2' && Object.values(circuits).every((state) => state === 'closed');
}

const realNow = Date.now.bind(Date);

const HANDLERS: { [A in keyof Asks]: (ask: Asks[A]['ask']) => Promise<Asks[A]['answer']> | Asks[A]['answer'] } = {
  phase: () => tally.next({ health: health(), commands: commandsHeld(runtime) }),
  reads: async ({ count, limit }) => {
    await within(limit, () => tally.reads >= count);
    return null;
  },
  opened: async ({ limit }) => (await within(limit, () => health().circuits.read !== 'closed')) !== null,
  recovered: ({ limit }) => {
    const since = runtime.clock.now();
    return within(limit, () => isRecovered(since));
  },
  scenario: ({ name }) => SCENARIOS[name]?.({ cache, invalidation, runtime, tally, advance: (by) => (ahead += by) }),
  traffic: () => {
    traffic.start();
    misbehave(flaw);
    return null;
  },
  setDate: ({ by }) => {
    Date.now = () => realNow() + by;
    return null;
  },
  stop: async () => {
    await traffic.stop();
    await runtime.stop();
    source.close();
    return null;
  },
};

interface Message {
  readonly id: number;
  readonly name: keyof Asks;
  readonly ask: never;
  readonly raised?: readonly Floor[];
}

async function answerTo<A extends keyof Asks>(name: A, ask: Asks[A]['ask']): Promise<Asks[A]['answer'] | null> {
  try {
    return await HANDLERS[name](ask);
  } catch (error) {
    tally.mishap(`${name}: ${String(error)}`);
    return null;
  }
}

process.on('message', ({ id, name, ask, raised }: Message) => {
  for (const floor of raised ?? []) floors.raise(floor);
  if (raised) return;
  void answerTo(name, ask).then((answer) => {
    process.send?.({ id, answer });
    // The channel is the only thing that may keep this process now.
    if (name === 'stop') process.disconnect();
  });
});

runtime.start();
process.send?.({ started: true });
