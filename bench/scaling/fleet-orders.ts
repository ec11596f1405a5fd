import type { CacheModuleOptions } from '../../src/cache/cache-options.js';
import type { Milliseconds } from '../../src/primitives/units.js';

/** What a process of the fleet is started with. */
export interface Assignment {
  readonly instances: number;
  readonly options: CacheModuleOptions;
}

/** What it is told: to have these keys in the memory of each of its instances; to tell which it dropped since. */
export type Order =
  { readonly type: 'warm'; readonly keys: readonly string[] } | { readonly type: 'tell' } | { readonly type: 'stop' };

/** A copy that one instance dropped; the instant is of the monotonic clock, which all processes of a machine share. */
export type Drop = readonly [key: string, at: Milliseconds];

/** What it says. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'warmed'; readonly copies: number }
  | { readonly type: 'drops'; readonly drops: readonly Drop[]; readonly gaps: number };

/** Now, on the clock that all processes of a machine share. */
export function monotonic(): Milliseconds {
  return Number(process.hrtime.bigint()) / 1e6;
}
