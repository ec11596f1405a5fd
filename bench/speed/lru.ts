/** As much of `lru-cache` as is used here; it is in `bench/peers`. */
export interface LruCache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): unknown;
}

interface Package {
  readonly LRUCache: new <V>(options: { readonly max: number }) => LruCache<V>;
}

const PLACE = '../peers/node_modules/lru-cache/dist/esm/index.js';
const { LRUCache } = (await import(new URL(PLACE, import.meta.url).href)) as Package;

export function newLruCache<V>(max: number): LruCache<V> {
  return new LRUCache<V>({ max });
}
