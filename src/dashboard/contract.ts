import type { CacheHealth } from '../cache/cache-health.js';
import type { RuleCoverage } from '../cache/coverage/coverage.js';
import type { WarmUpEnding, WarmUpProgress } from '../cache/warming/warm-up-events.js';
import type { HistoryEntry } from '../engine/audit.js';
import type { BlastRadius } from '../engine/census.js';
import type { Explanation } from '../engine/explain.js';
import type { Inconsistency } from '../engine/inconsistencies.js';
import type { StoredEntry } from '../engine/inventory.js';
import type { Milliseconds, Seconds } from '../primitives/units.js';

/*
 * What goes over the wire between the server and the page. The page is at the base (`/api/v1/cache/`, with the
 * slash at its end; on Fastify at `/api/v1/cache/page`), its files at `assets/NAME`. All routes below are relative to the base, all answers are JSON in UTF-8,
 * and all that fail are a WireProblem of type `application/problem+json`. Every route but `stream` takes `?cache=NAME` for
 * one of `Snapshot.caches`; without it the default cache is meant. GET needs no header. POST needs
 * `Content-Type: application/json` and a body, `{}` at least; it is refused where it comes from another origin. 401 is
 * answered with a challenge of Basic, so a browser asks by itself and EventSource needs nothing.
 */

/** Every route below the base: its method, its query or body, and its answer. */
export interface Routes {
  /** Server-sent events, see {@link StreamEvents}. */
  readonly stream: { readonly method: 'GET'; readonly answer: never };
  /** A page of keys. `Walk.next` is given back as `after`. 410: that walk is forgotten, begin again. */
  readonly keys: { readonly method: 'GET'; readonly query: KeysQuery; readonly answer: KeysPage };
  /** All that is known of a key, and its value. `state: 'absent'` is no error. */
  readonly key: { readonly method: 'GET'; readonly query: { readonly key: string }; readonly answer: KeyDetails };
  /** Newest first. 503 while Redis is away. */
  readonly history: { readonly method: 'GET'; readonly query: HistoryQuery; readonly answer: readonly HistoryEntry[] };
  readonly coverage: { readonly method: 'GET'; readonly answer: RuleCoverage };
  readonly 'warm-ups': { readonly method: 'GET'; readonly answer: readonly WarmUpRow[] };
  /** What spot checks have found, newest first. 503 while Redis is away. */
  readonly findings: {
    readonly method: 'GET';
    readonly query: { readonly limit?: number };
    readonly answer: readonly Inconsistency[];
  };
  /** Runs the production checklist, which takes some seconds; POST as it costs something, allowed in read-only mode. 501 where it cannot run. */
  readonly doctor: { readonly method: 'POST'; readonly body: object; readonly answer: DoctorReport };
  /** What an invalidation would take; changes nothing, allowed in read-only mode. */
  readonly 'dry-run': { readonly method: 'POST'; readonly body: Target; readonly answer: BlastRadius };
  /** 403 in read-only mode, 409 beyond the module's `blastLimit` without `force`. */
  readonly invalidate: { readonly method: 'POST'; readonly body: InvalidateBody; readonly answer: Invalidated };
  /** Loads a key anew and stores it. 403 in read-only mode; 422 with `code: 'NO_LOADER'` where its template has none. */
  readonly reload: { readonly method: 'POST'; readonly body: { readonly key: string }; readonly answer: KeyDetails };
}

/** The server-sent events by name; the data of each is one line of JSON. */
export interface StreamEvents {
  /** At once, and again where the page must begin anew. */
  readonly snapshot: Snapshot;
  /** Once a second after it. */
  readonly tick: Tick;
  /** As it comes, whoever made it: within about a quarter of a second. */
  readonly invalidation: LiveInvalidation;
  /** A warm-up goes on: told at most once a second for each plan, and at its beginning and end. */
  readonly 'warm-up': WarmUpRow & { readonly cache: string };
}

/** What does not change while the page is open, and the state of everything. */
export interface Snapshot {
  /** Of the server, as in all that follows. */
  readonly at: Milliseconds;
  readonly version: string;
  /** When this process began. */
  readonly startedAt: Milliseconds;
  readonly readOnly: boolean;
  /** `never`: no value is ever shown. `redacted`: a function of the application has seen it. `plain`: as it is. */
  readonly values: 'never' | 'redacted' | 'plain';
  /** Who the change of this visitor would be by. */
  readonly visitor: string;
  /** The ratio of hits that is aimed at: 0.8. */
  readonly target: number;
  readonly health: CacheHealth;
  /** By name; `default` first. */
  readonly caches: Readonly<Record<string, CacheSnapshot>>;
}

/** One cache in full. */
export interface CacheSnapshot {
  /** This instance, as in `HistoryEntry.origin`. */
  readonly origin: string;
  readonly prefix: string;
  /** Every template; those that nobody has used yet are there with zeros. `other` is what fits none. */
  readonly templates: readonly TemplateRow[];
  readonly overview: Overview;
}

/** What is new since the last tick. */
export interface Tick {
  readonly at: Milliseconds;
  readonly health: CacheHealth;
  readonly caches: Readonly<
    Record<
      string,
      {
        readonly overview: Overview;
        /** Only those that have changed, whole: they replace what the page has of that template. */
        readonly templates: readonly TemplateRow[];
      }
    >
  >;
}

/** The figures at the top. Counts are since the start of this process; the page subtracts for what happened in a span. */
export interface Overview {
  readonly hits: number;
  readonly misses: number;
  /** Since the start, 0 to 1; `null` before the first read. */
  readonly hitRatio: number | null;
  /** Operations of all kinds since the start, and in the last second. */
  readonly operations: number;
  readonly operationsPerSecond: number;
  /** Of all operations in the last 10 s, those that loaded included; `null` where there was none. */
  readonly latency: Latency | null;
  /** Failed commands to Redis by kind, and arguments that were refused, since the start; zeros are left out. */
  readonly errors: Readonly<Record<string, number>>;
  readonly memory: {
    readonly entries: number;
    readonly bytes: number;
    readonly evictions: number;
    readonly maxEntries: number;
    readonly maxBytes: number;
  };
  /** Seconds since which this process may not know of invalidations; `null` while it follows no ledger. */
  readonly coherenceLag: Seconds | null;
  /** Seconds for which memory is trusted without news; 0 without Redis. */
  readonly coherenceWindow: Seconds;
  /** Instances that are known: this one, and those whose invalidations the ledger tells, newest first. At most 50. */
  readonly instances: readonly InstanceRow[];
}

/** Seconds, read off a histogram; one that equals `ceiling` means that or longer. */
export interface Latency {
  readonly count: number;
  readonly p50: Seconds;
  readonly p95: Seconds;
  readonly p99: Seconds;
  readonly ceiling: Seconds;
}

/** An instance, by what the ledger tells. */
export interface InstanceRow {
  readonly origin: string;
  readonly isThis: boolean;
  /** `null`: none that the ledger has kept. */
  readonly lastInvalidationAt: Milliseconds | null;
  readonly invalidations: number;
}

/** One template, counted since the start of this process. */
export interface TemplateRow {
  readonly template: string;
  readonly hits: { readonly l1: number; readonly l2: number };
  readonly misses: number;
  /** By cause: absent, expired, invalidated, evicted, version, unreadable, invalid; zeros are left out. */
  readonly missesByCause: Readonly<Record<string, number>>;
  readonly hitRatio: number | null;
  /** By reason: refreshing, slow, failed, rejected; zeros are left out. */
  readonly staleServed: Readonly<Record<string, number>>;
  readonly coalesced: number;
  readonly loads: { readonly count: number; readonly failed: number; readonly rejected: number };
  /** `null` before the first. */
  readonly meanLoad: Seconds | null;
  readonly timeSaved: Seconds;
  readonly expensiveMisses: number;
  readonly spotChecks: { readonly consistent: number; readonly inconsistent: number };
  /** In the memory of this instance, as of the last walk over it, some seconds ago; `null` before the first has ended. */
  readonly memory: { readonly entries: number; readonly bytes: number; readonly unread: number } | null;
  /** `null`: it depends on the timeframe in the key. */
  readonly ttl: Seconds | null;
  /** What to do about the TTL and why; `null` where nothing, or too little is known yet. */
  readonly advice: Advice | null;
  /** Whether keys of it can be reloaded. */
  readonly hasLoader: boolean;
}

/** `longer` and `shorter` are of the TTL; `uncached` and `event` say that something else is amiss. */
export interface Advice {
  readonly kind: 'longer' | 'shorter' | 'uncached' | 'event';
  /** One line. */
  readonly reason: string;
}

/** An invalidation as it comes. */
export interface LiveInvalidation extends HistoryEntry {
  readonly cache: string;
  /** By this instance. */
  readonly isOwn: boolean;
  /** Templates whose entries may carry that tag, by the rules of coverage; of a key its own. `null`: cannot be told, or all. */
  readonly templates: readonly string[] | null;
  /**
   * Entries in the memory of this instance that carry the tag as it is told, within a quarter of a second: about those that
   * it took. `null` for keys and patterns, of which nothing is left to count. A dry run tells of Redis too.
   */
  readonly inMemory: number | null;
}

/** Which keys are asked for. */
export interface KeysQuery {
  /** A glob of `*` and `?` that begins with a literal segment, such as `user:12*`. @default all */
  readonly pattern?: string;
  /** At most so many in this page, 1 to 500. @default 100 */
  readonly limit?: number;
  /** `KeysPage.next` of the page before. */
  readonly after?: string;
}

/** Some keys: in no order, some more than once. May be short or empty with a `next`: then nothing was found in a second. */
export interface KeysPage {
  readonly entries: readonly StoredEntry[];
  /** `null`: that was the last. */
  readonly next: string | null;
  /** `memory`: Redis is away or not used, and these are what this instance has. */
  readonly source: 'redis' | 'memory';
}

/** All that is known of a key. */
export interface KeyDetails {
  readonly explanation: Explanation;
  readonly value: ShownValue;
  readonly hasLoader: boolean;
}

/**
 * The value, as JSON has it. Hidden: `never` by configuration, `absent` as there is no fresh or stale one, `away` as Redis
 * is, `failed` as the redacting function threw, `large` above 256 KiB.
 */
export type ShownValue =
  | { readonly shown: true; readonly redacted: boolean; readonly value: unknown }
  | { readonly shown: false; readonly why: 'never' | 'absent' | 'away' | 'failed' | 'large' };

/** Which invalidations of the past are asked for. */
export interface HistoryQuery {
  readonly tag?: string;
  readonly key?: string;
  readonly since?: Milliseconds;
  /** 1 to 1000. @default 100 */
  readonly limit?: number;
}

/** What an invalidation is of: exactly one of these. */
export type Target =
  | { readonly keys: readonly string[] }
  | { readonly tags: readonly string[] }
  | { readonly pattern: string }
  | { readonly everything: true };

/** An invalidation to make. `because` is written to the ledger after who made it; at most 100 characters. */
export type InvalidateBody = Target & { readonly force?: boolean; readonly because?: string };

/** What came of it. */
export interface Invalidated {
  /** False: Redis is away and it waits; this instance serves none of it any more. */
  readonly acknowledged: boolean;
  readonly queued: number;
  readonly tags: readonly string[];
  readonly removed: number;
  /** As it stands in the ledger. */
  readonly cause: string;
}

/** A warm-up of this instance. */
export interface WarmUpRow {
  readonly plan: string;
  /** `waiting`: Redis is away. */
  readonly state: 'idle' | 'running' | 'waiting';
  /** Of the run under way, else of the last one seen while a page was open; `null`: none. */
  readonly progress: WarmUpProgress | null;
  readonly lastEnding: WarmUpEnding | null;
  readonly lastTook: Milliseconds | null;
  /** Since the start of this process. */
  readonly keys: { readonly loaded: number; readonly present: number; readonly failed: number };
  readonly runs: Readonly<Record<WarmUpEnding, number>>;
}

/** What `shadower-cache doctor` tells. */
export interface DoctorReport {
  readonly at: Milliseconds;
  /** The Redis looked at, without its password; `null` where none is configured in the environment. */
  readonly target: string | null;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'unknown';
  readonly results: readonly DoctorResult[];
}

/** One check. */
export interface DoctorResult {
  readonly id: string;
  readonly title: string;
  readonly status: 'pass' | 'warn' | 'fail' | 'unknown';
  readonly observed: string;
  readonly remedy?: string;
}

/** Why a request failed: RFC 9457. */
export interface WireProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** For programs: READ_ONLY, FOREIGN_ORIGIN, NO_LOADER, WALK_FORGOTTEN, REMOTE_STORE, INVALIDATION_TOO_BROAD, … */
  readonly code?: string;
}
