import { ask } from './ask.js';
import type { RedisServer } from './redis-server.js';
import { up } from './server-group.js';

export const SLOTS = 16_384;

/** A node as one line of CLUSTER NODES tells of it. */
export interface NodeLine {
  readonly id: string;
  readonly port: number;
  readonly flags: readonly string[];
  /** The id of its primary, or `-`. */
  readonly primary: string;
  readonly epoch: number;
  readonly isLinked: boolean;
  /** Ranges with both ends, in order. */
  readonly slots: readonly (readonly [number, number])[];
}

/** What one server knows of its cluster. */
export async function viewOf(server: RedisServer): Promise<NodeLine[]> {
  const text = String(await ask(server, 'CLUSTER', 'NODES'));
  return text.trim().split('\n').map(parse);
}

/** The newest of the views of servers that are up: who takes slots over does so with a higher epoch. */
export async function newestView(servers: readonly RedisServer[]): Promise<NodeLine[]> {
  const answers = await Promise.allSettled(up(servers).map(viewOf));
  const views = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const [newest] = views.sort((one, other) => highestEpoch(other) - highestEpoch(one));
  if (newest === undefined) throw new Error('No node of the cluster answers');
  return newest;
}

export function owns(node: NodeLine, slot: number): boolean {
  return node.slots.some(([first, last]) => first <= slot && slot <= last);
}

export function isPrimary(node: NodeLine): boolean {
  return node.flags.includes('master') && !node.flags.includes('fail');
}

export function isReplica(node: NodeLine): boolean {
  return node.flags.includes('slave') && !node.flags.includes('fail');
}

function parse(line: string): NodeLine {
  const [id = '', address = '', flags = '', primary = '', , , epoch, link, ...slots] = line.split(' ');
  return {
    id,
    port: Number(/:(\d+)@/.exec(address)?.[1]),
    flags: flags.split(','),
    primary,
    epoch: Number(epoch),
    isLinked: link === 'connected',
    // In brackets are slots that are on the move.
    slots: slots.filter((range) => !range.startsWith('[')).map(parseRange),
  };
}

function parseRange(range: string): [number, number] {
  const [first, last = first] = range.split('-');
  return [Number(first), Number(last)];
}

function highestEpoch(view: readonly NodeLine[]): number {
  return Math.max(...view.map(({ epoch }) => epoch));
}
