import type { Redis } from 'ioredis';
import type { Milliseconds } from '../../src/primitives/units.js';
import type { Subject } from './subject.js';
import { pause } from './waiting.js';

const NODES = 2;
const LIMIT: Milliseconds = 5_000;

/** Cuts the connections by which both nodes follow each other, and lets none come back until the function it resolves with is called. */
export async function cutOff(admin: Redis, follows: Subject['follows']): Promise<() => Promise<unknown>> {
  if (follows === undefined) return () => Promise.resolve();
  const [, highest] = (await admin.config('GET', 'maxclients')) as [string, string];
  // Those that are connected stay; a new one is refused.
  await admin.config('SET', 'maxclients', '1');
  const end = performance.now() + LIMIT;
  for (let killed = 0; killed < NODES; killed += await kill(admin, follows)) {
    if (performance.now() > end) throw new Error(`only ${killed} connections were there to be cut`);
    await pause(1);
  }
  return () => admin.config('SET', 'maxclients', highest);
}

async function kill(admin: Redis, follows: 'pubsub' | 'xread'): Promise<number> {
  if (follows === 'pubsub') return Number(await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
  const list = String(await admin.call('CLIENT', 'LIST'));
  // Between two blocking reads such a connection asks other things: then it is caught the next time.
  const ids = [...list.matchAll(/^id=(\d+) .* cmd=xread /gm)].map((match) => String(match[1]));
  for (const id of ids) await admin.call('CLIENT', 'KILL', 'ID', id);
  return ids.length;
}
