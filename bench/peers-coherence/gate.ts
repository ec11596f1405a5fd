import { Redis } from 'ioredis';
import type { Milliseconds } from '../../src/primitives/units.js';
import { RedisServer } from '../../test/support/redis-server.js';
import type { Scenario } from './scenarios.js';
import { Source } from './source.js';
import type { CacheNode, Subject } from './subject.js';
import { pause, within } from './waiting.js';

/** For how long after the acknowledgement each node still returned the old value. */
export interface Staleness {
  readonly a: Milliseconds;
  readonly b: Milliseconds;
}

/** How a subject came through a scenario: `none` where it lacks what that takes, or why it could not be run. */
export type Outcome = Staleness | 'none' | Error;

export const TTL: Milliseconds = 4_000;
/** For how long it is watched at most: an entry that goes from L2 to L1 at its end lives for two TTLs. */
export const WATCHED: Milliseconds = 2.25 * TTL;

/** For how long every read has to be fresh until it is believed. */
const CALM: Milliseconds = 500;
const BETWEEN_READS: Milliseconds = 20;
const LIMIT: Milliseconds = 40_000;
const CLOSE_LIMIT: Milliseconds = 3_000;

/** Runs a scenario to watch A and again to watch B: reads of one can mend the other. */
export async function tryOut(subject: Subject, scenario: Scenario): Promise<Outcome> {
  if (!scenario.suits(subject)) return 'none';
  try {
    const [a, b] = await Promise.all([longest(subject, scenario, 'a'), longest(subject, scenario, 'b')]);
    return { a, b };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function longest(subject: Subject, scenario: Scenario, watched: 'a' | 'b'): Promise<Milliseconds> {
  const tries = Array.from({ length: scenario.tries ?? 1 }, () => tryOnce(subject, scenario, watched));
  return Math.max(...(await Promise.all(tries)));
}

/** Runs a scenario with two new nodes on a new Redis, and watches one of them. */
async function tryOnce(subject: Subject, scenario: Scenario, watched: 'a' | 'b'): Promise<Milliseconds> {
  const server = await RedisServer.start();
  const admin = new Redis(server.url, { disableClientInfo: true });
  const source = new Source();
  const nodes: CacheNode[] = [];
  const start = async (): Promise<CacheNode> => {
    const node = await subject.start({ url: server.url, ttl: TTL, kind: scenario.kind, load: source.load });
    nodes.push(node);
    return node;
  };
  const work = async (): Promise<Milliseconds> => {
    const pair = { a: await start(), b: await start() };
    await pause(CALM);
    const since = await scenario.run({ subject, ...pair, source, admin });
    return watch(pair[watched], source, since);
  };
  try {
    return await within(LIMIT, work(), scenario.title);
  } finally {
    await Promise.allSettled(nodes.map((node) => within(CLOSE_LIMIT, node.close(), 'close')));
    admin.disconnect();
    await server.stop();
  }
}

/** Reads until nothing old has come back for a while. Returns how long after `since` the last old read began. */
async function watch(node: CacheNode, source: Source, since: Milliseconds): Promise<Milliseconds> {
  let lastStale = 0;
  let calmSince = performance.now();
  for (;;) {
    const began = performance.now();
    const value = await node.read();
    if (value === source.version - 1) {
      lastStale = began - since;
      calmSince = began;
    } else if (value !== source.version) throw new Error(`a read returned ${String(value)}`);
    if (began - calmSince > CALM || lastStale > WATCHED) return lastStale;
    await pause(BETWEEN_READS);
  }
}
