import type { Milliseconds } from '../../src/primitives/units.js';

/** One instance of a cache, and what it can do with the one key of a scenario. */
export interface CacheNode {
  /** Answers from the cache, or runs the loader and stores what it returns. */
  read(): Promise<unknown>;
  remove(): Promise<unknown>;
  /** Absent where `Subject.tags` is false. */
  readonly removeTag?: () => Promise<unknown>;
  /** Absent where `Subject.sets` is false. */
  readonly set?: (value: number) => Promise<unknown>;
  close(): Promise<unknown>;
}

/** What a node is started with. */
export interface Setting {
  readonly url: string;
  readonly ttl: Milliseconds;
  /** `tagged`: the key carries one tag. `refreshing`: entries are refreshed in the background near or past their TTL. */
  readonly kind: 'plain' | 'tagged' | 'refreshing';
  readonly load: () => Promise<number>;
}

/** A cache as its documentation sets it up. */
export interface Subject {
  /** Names in the dependencies of `bench/peers/package.json`; the first is the cache itself. */
  readonly packages: readonly string[];
  /** What it is set up with, for the page. */
  readonly options: string;
  /** Whether a set of entries can be invalidated at once by tag, group or reference. */
  readonly tags: boolean;
  /** Whether it can refresh an entry in the background. */
  readonly refreshes: boolean;
  /** Whether a value can be stored without a loader. */
  readonly sets: boolean;
  /** How a node learns of what others invalidate: the kind of connection that is cut. Absent: it does not. */
  readonly follows?: 'pubsub' | 'xread';
  start(setting: Setting): Promise<CacheNode>;
}
