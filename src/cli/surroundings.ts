import type { Milliseconds } from '../index.js';
import { readInfo } from './redis/info.js';
import { CommandError, type Server } from './redis/server.js';
import type { Session } from './session.js';

/** What Redis tells beside the entries. `null`: this user may not ask, or there is none. */
export interface Surroundings {
  /** Of all primaries together; a limit of 0 is none. */
  readonly memory: { readonly used: number; readonly limit: number; readonly policy: string } | null;
  readonly ledger: Stream | null;
  /** What was told to be about to be invalidated, which concerns loads with late tags. */
  readonly announcements: Stream | null;
  /** The named caches below the same prefix. */
  readonly caches: readonly string[];
  /** Tags that have a generation. */
  readonly generations: { readonly count: number; readonly atLeast: boolean };
  /** Connections that read a stream, but for ours. */
  readonly followers: number | null;
  /** Instances that wrote to the ledger in the last hour. */
  readonly writers: number;
}

/** A stream of the cache. */
export interface Stream {
  readonly length: number;
  /** How many records were ever written. */
  readonly appended: number;
  readonly lastAt: Milliseconds;
}

const HOUR: Milliseconds = 3_600_000;
const SEARCHED = 10_000;
const STEPS = 200;

/** Asks for all of it. */
export async function surroundingsOf(session: Session): Promise<Surroundings> {
  return {
    memory: await memoryOf(session).catch(refused),
    ledger: await streamOf(session, ledgerOf(session)).catch(refused),
    announcements: await streamOf(session, announcementsOf(session)).catch(refused),
    caches: await cachesOf(session),
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

/** All streams are in the slot of the ledger of the prefix. */
function ledgerOf({ root, prefix }: Session): string {
  return prefix === root ? `${root}:ledger` : `${prefix}:ledger:{${root}:ledger}`;
}

function announcementsOf({ root, prefix }: Session): string {
  return `${prefix}:announced:{${root}:ledger}`;
}

async function streamOf({ whole }: Session, name: string): Promise<Stream> {
  const reply = await whole.send('XINFO', 'STREAM', name);
  const list = Array.isArray(reply) ? (reply as unknown[]) : [];
  const fact = (name: string): string => String(list[list.indexOf(name) + 1]);
  const lastAt = Number(fact('last-generated-id').split('-')[0]);
  return { length: Number(fact('length')), appended: Number(fact('entries-added')), lastAt };
}

async function generationsOf({ primaries, prefix }: Session): Promise<Surroundings['generations']> {
  const found = await Promise.all(primaries.map((server) => namesAt(server, `${prefix}:g:{*`)));
  return {
    count: found.reduce((sum, { names }) => sum + names.size, 0),
    atLeast: found.some(({ isWhole }) => !isWhole),
  };
}

/** Each has a ledger of its own. */
async function cachesOf({ primaries, root }: Session): Promise<string[]> {
  const [before, after] = [`${root}:@`, `:ledger:{${root}:ledger}`];
  const found = await Promise.all(primaries.map((server) => namesAt(server, `${before}*${after}`)));
  const names = found.flatMap(({ names: each }) => [...each]);
  return names.map((name) => name.slice(before.length, -after.length)).toSorted();
}

interface Names {
  readonly names: ReadonlySet<string>;
  readonly isWhole: boolean;
}

/** The names that a glob matches, as far as a bounded walk finds them. */
async function namesAt(server: Server, match: string): Promise<Names> {
  const names = new Set<string>();
  let cursor = '0';
  for (let step = 0; step < STEPS; step += 1) {
    const reply = await server.send('SCAN', cursor, 'MATCH', match, 'COUNT', '1000');
    const [next, found] = reply as [string, string[]];
    for (const name of found) names.add(name);
    cursor = next;
    if (cursor === '0') return { names, isWhole: true };
  }
  return { names, isWhole: false };
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
