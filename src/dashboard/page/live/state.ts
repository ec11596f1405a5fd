import type { LiveInvalidation, Overview, Snapshot, TemplateRow, Tick, WarmUpRow } from '../../contract.js';
import { type Sample, type Spark, withReads, withSample } from './samples.js';

/** One cache as the page knows it. */
export interface CacheState {
  readonly origin: string;
  readonly prefix: string;
  readonly overview: Overview;
  readonly templates: ReadonlyMap<string, TemplateRow>;
  readonly sparks: ReadonlyMap<string, Spark>;
  readonly samples: readonly Sample[];
}

/** `connecting`: for the first time. `lost`: it was there, and is tried again. `old`: connected, but nothing comes. */
export type Link = 'connecting' | 'live' | 'old' | 'lost';

/** All that the stream has told. */
export interface LiveState {
  readonly link: Link;
  /** When the last event came, by the visitor's clock; 0 before the first. */
  readonly heardAt: number;
  /** The server's clock, at `heardAt`. */
  readonly at: number;
  readonly snapshot: Snapshot | null;
  readonly health: Snapshot['health'] | null;
  readonly caches: Readonly<Record<string, CacheState>>;
  /** Newest first, of all caches. */
  readonly invalidations: readonly LiveInvalidation[];
  /** Since the page was opened. */
  readonly invalidationsSeen: number;
  /** By cache and plan. */
  readonly warmUps: Readonly<Record<string, WarmUpRow>>;
}

/** Before anything was heard. */
export const NOTHING_YET: LiveState = {
  link: 'connecting',
  heardAt: 0,
  at: 0,
  snapshot: null,
  health: null,
  caches: {},
  invalidations: [],
  invalidationsSeen: 0,
  warmUps: {},
};

const KEPT_INVALIDATIONS = 500;

/** The state after a snapshot: plots go on where the same process has sent it. */
export function afterSnapshot(state: LiveState, snapshot: Snapshot): LiveState {
  const isSame = state.snapshot?.startedAt === snapshot.startedAt;
  const caches = Object.entries(snapshot.caches).map(([name, { templates, overview, origin, prefix }]) => {
    const before = isSame ? state.caches[name] : undefined;
    const samples = withSample(before?.samples ?? [], { at: snapshot.at, overview });
    const rows = new Map(templates.map((row) => [row.template, row]));
    return [name, { origin, prefix, overview, templates: rows, sparks: before?.sparks ?? new Map(), samples }] as const;
  });
  return { ...state, snapshot, at: snapshot.at, health: snapshot.health, caches: Object.fromEntries(caches) };
}

/** The state after a tick. */
export function afterTick(state: LiveState, tick: Tick): LiveState {
  const caches = Object.entries(state.caches).map(([name, cache]) => {
    const news = tick.caches[name];
    return [name, news ? cacheAfter(cache, tick.at, news) : cache] as const;
  });
  return { ...state, at: tick.at, health: tick.health, caches: Object.fromEntries(caches) };
}

/** The state after some invalidations, oldest first. */
export function afterInvalidations(state: LiveState, news: readonly LiveInvalidation[]): LiveState {
  const invalidations = [...news].reverse().concat(state.invalidations).slice(0, KEPT_INVALIDATIONS);
  return { ...state, invalidations, invalidationsSeen: state.invalidationsSeen + news.length };
}

function cacheAfter(cache: CacheState, at: number, news: Tick['caches'][string]): CacheState {
  const changed = new Map(news.templates.map((row) => [row.template, row]));
  const templates = new Map([...cache.templates, ...changed]);
  const sparks = new Map(
    [...templates.keys()].map((name) => {
      const now = changed.get(name);
      return [name, withReads(cache.sparks.get(name) ?? [], now && cache.templates.get(name), now)] as const;
    }),
  );
  const { overview } = news;
  return { ...cache, overview, templates, sparks, samples: withSample(cache.samples, { at, overview }) };
}
