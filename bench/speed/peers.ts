/** A cache that is set up. */
export interface RunningPeer {
  readonly get: (key: string) => Promise<unknown>;
  /** Not there: it stores by loading only. */
  readonly set?: (key: string, value: unknown) => Promise<unknown>;
  readonly getOrLoad: (key: string) => Promise<unknown>;
  readonly close: () => Promise<unknown>;
}

/** What a peer is started with. */
export interface PeerSetting {
  readonly url: string;
  /** Memory before Redis, or Redis alone. */
  readonly tiers: 'memory' | 'redis';
  readonly load: (key: string) => Promise<unknown>;
}

/** Another cache, as `bench/peers/speed.js` sets it up. */
export interface Peer {
  /** Names in the dependencies of `bench/peers/package.json`; the first is the cache itself. */
  readonly packages: readonly [string, ...string[]];
  readonly options: string;
  /** Whether callers of a process share a load. */
  readonly sharesLoads: boolean;
  readonly start: (setting: PeerSetting) => Promise<RunningPeer>;
}

/** Their packages are no dependencies of ours: they are there only after the install that the npm script makes. */
const module = (await import(new URL('../peers/speed.js', import.meta.url).href)) as {
  readonly peers: readonly Peer[];
};

export const PEERS = module.peers;
