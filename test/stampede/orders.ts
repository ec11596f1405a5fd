import type { CacheModuleOptions } from '../../src/cache/cache-options.js';
import type { LoadOptions } from '../../src/cache/call-options.js';
import type { Milliseconds, Seconds } from '../../src/primitives/units.js';

/** What a process is started with. */
export interface Assignment {
  readonly process: number;
  readonly options: CacheModuleOptions;
}

/** A key, how it is loaded, and how its value is kept. */
interface Work {
  readonly key: string;
  readonly loadMs: Milliseconds;
  readonly entry: LoadOptions;
}

/** Many callers ask at once. */
export interface CallOrder extends Work {
  readonly type: 'call';
  readonly callers: number;
  readonly fails?: boolean;
}

/** Some readers ask again and again, with a pause of a few milliseconds. */
export interface ReadOrder extends Work {
  readonly type: 'read';
  readonly readers: number;
  readonly seconds: Seconds;
}

/** What a process can be told. */
export type Order = CallOrder | ReadOrder | { readonly type: 'stop' };

/** How many callers got which value, or which error. */
export type Outcomes = Readonly<Record<string, number>>;

/** What readers saw. */
export interface Reads {
  readonly count: number;
  /** Reads that got their value from a loader: those that waited for the source. */
  readonly waited: number;
  readonly p99: Milliseconds;
  readonly max: Milliseconds;
}

/** What a process says. Instants are of the monotonic clock, which all processes of a machine share. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'began' | 'ended'; readonly load: number; readonly key: string; readonly at: Milliseconds }
  | { readonly type: 'called'; readonly outcomes: Outcomes }
  | { readonly type: 'read'; readonly reads: Reads };
