import type { CacheModuleOptions } from '../../src/index.js';
import { OURSELVES, versionOf } from '../setting.js';
import type { Contender } from './contest.js';
import { type Ours, startOurs } from './product.js';
import { PEERS, type PeerSetting, type RunningPeer } from './peers.js';

/** This package in tables. */
export const OURS = OURSELVES.replace(/^@shadower\//, '');

/** Peers that are set up, by what they are called in tables. */
export async function startPeers(
  setting: PeerSetting,
  isWanted: (peer: RunningPeer) => boolean = () => true,
): Promise<(readonly [title: string, peer: RunningPeer])[]> {
  const started: (readonly [string, RunningPeer])[] = [];
  for (const { packages, start } of PEERS) {
    const peer = await start(setting);
    if (isWanted(peer)) started.push([versionOf(packages[0]), peer]);
    else await peer.close();
  }
  return started;
}

/** Ours on Redis, with a deadline that a busy machine does not reach. */
export function startOursOn(url: string, options: CacheModuleOptions = {}): Promise<Ours> {
  return startOurs({ redis: { url, commandTimeoutMs: 5_000 }, ...options });
}

/** Does something that must give a value. */
export function expecting(
  title: string,
  ask: (turn: number) => Promise<unknown>,
  close?: () => Promise<unknown>,
): Contender {
  const work = async (turn: number): Promise<unknown> => {
    const value = await ask(turn);
    if (value === undefined || value === null) throw new Error(`${title}: nothing came back`);
    return value;
  };
  return close ? { title, work, close } : { title, work };
}
