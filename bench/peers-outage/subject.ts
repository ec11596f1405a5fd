import type { Milliseconds } from '../../src/primitives/units.js';

/** What a cache is started with. */
export interface Setting {
  readonly url: string;
  readonly ttl: Milliseconds;
  readonly load: () => Promise<object>;
}

/** The value of a key, from the cache or the loader. */
export type Read = (key: string) => Promise<unknown>;

/** A cache as its documentation sets it up, with the client it comes with. */
export interface Subject {
  /** Names in the dependencies of `bench/peers/package.json`; the first is the cache itself. None: this package. */
  readonly packages: readonly string[];
  /** What it is set up with, for the page. */
  readonly options: string;
  start(setting: Setting): Promise<Read>;
}
