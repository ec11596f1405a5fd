/** One cache on a Cluster. */
export interface ClusterCache {
  /** Stores `report:<n>` for each number, through the cache. */
  fill(numbers: readonly number[]): Promise<unknown>;
  /** Empties the cache, or what it has of `report:*`. */
  clear(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** What a cache is started with. */
export interface Setting {
  /** Where every node listens, such as `redis://127.0.0.1:7000`. */
  readonly nodes: readonly string[];
  /** Told of errors that no call throws. */
  readonly failed: (error: unknown) => void;
}

/** A cache as its documentation sets it up on a Cluster. */
export interface Subject {
  /** Names in the dependencies of `bench/peers/package.json`; the first is the cache itself. None: this package. */
  readonly packages: readonly string[];
  /** What it is set up with, for the page. */
  readonly options: string;
  /** The call that clears, for the page. */
  readonly call: string;
  start(setting: Setting): Promise<ClusterCache>;
}
