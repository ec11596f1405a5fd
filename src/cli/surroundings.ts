import type { Milliseconds } from '../index.js';
import { readInfo } from './redis/info.js';
import { CommandError, type Server } from './redis/server.js';
import type { Session } from './session.js';

/** What Redis tells beside the entries. `null`: this user may not ask, or there is none. */
export interface Surroundings {
  /** Of all primaries together; a limit of 0 is none. */
  readonly memory: { readonly used: number; readonly limit: number; readonly policy: string } | null;
  readonly ledger: { readonly length: number; readonly appended: number; readonly lastAt: Milliseconds } | null;
  /** Tags that have a generation. */
  readonly generations: { readonly count: number; readonly atLeast: boolean };
  /** Connections that read a stream, but for ours. */
  readonly followers: number | null;
  /** Instances that wrote to the ledger in the last hour. */
  readonly writers: number;
}

const HOUR: Milliseconds = 3_600_000;
const SEARCHED = 10_000;
const STEPS = 200;

/** Asks for all of it. */
export async function surroundingsOf(session: Session): Promise<Surroundings> {
  return {
    memory: await memoryOf(session).catch(refused),
    ledger: await ledgerOf(session).catch(refused),
    generations: await generationsOf(session),
    followers: await followersOf(session).catch(refused),
    writers: await writersOf(session),
  };
}

function refused(error: unknown): null {
  if (error instanceof CommandError) return null;
  throw error;
}

async function memoryOf({ primaries }: Session): Promise<Surroundings['memory']> {
  const all = await Promise.all(primaries.map((server) => readInfo(server, 'memory')));
  const sum = (field: string): number => all.reduce((total, info) => total + Number(info(field)), 0);
  return { used: sum('used_memory'), limit: sum('maxmemory'), policy: all[0]?.('maxmemory_policy') ?? '' };
}

async function ledgerOf({ whole, prefix }: Session): Promise<Surroundings['ledger']> {
  const reply = await whole.send('XINFO', 'STREAM', `${prefix}:ledger`);
  const list = Array.isArray(reply) ? (reply as unknown[]) : [];
  const fact = (name: string): string => String(list[list.indexOf(name) + 1]);
  const lastAt = Number(fact('last-generated-id').split('-')[0]);
  return { length: Number(fact('length')), appended: Number(fact('entries-added')), lastAt };
}

async function generationsOf({ primaries, prefix }: Session): Promise<Surroundings['generations']> {
  const counts = await Promise.all(primaries.map((server) => generationsAt(server, `${prefix}:g:{*`)));
  return {
    count: counts.reduce((sum, { count }) => sum + count, 0),
    atLeast: counts.some(({ atLeast }) => atLeast),
  };
}

async function generationsAt(server: Server, match: string): Promise<Surroundings['generations']> {
  const names = new Set<string>();
  let cursor = '0';
  for (let step = 0; step < STEPS; step += 1) {
    const reply = await server.send('SCAN', cursor, 'MATCH', match, 'COUNT', '1000');
    const [next, found] = reply as [string, string[]];
    for (const name of found) names.add(name);
    cursor = next;
    if (cursor === '0') return { count: names.size, atLeast: false };
  }
  return { count: names.size, atLeast: true };
}

/** Each instance has one connection that asks how the ledger goes on, and reads it. */
async function followersOf({ primaries }: Session): Promise<number> {
  const lists = await Promise.all(primaries.map((server) => server.send('CLIENT', 'LIST')));
  const clients = lists.flatMap((list) => String(list).split('\n'));
  return Math.max(0, clients.filter((client) => / cmd=(xread|xinfo\|stream) /.test(client)).length - 1);
}

async function writersOf({ invalidation, terminal }: Session): Promise<number> {
  const records = await invalidation.history({ since: terminal.clock.now() - HOUR, limit: SEARCHED });
  return new Set(records.map(({ origin }) => origin)).size;
}
