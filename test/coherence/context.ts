import type { CacheRuntime } from '../../src/cache/cache-runtime.js';
import type { CacheService } from '../../src/cache/cache.service.js';
import type { InvalidationService } from '../../src/cache/invalidation.service.js';
import type { HistoryWriter } from './history.js';
import type { Source } from './source.js';

/** What readers and writers of one process share. */
export interface Context {
  readonly process: number;
  readonly cache: CacheService;
  readonly invalidation: InvalidationService;
  readonly runtime: CacheRuntime;
  readonly source: Source;
  readonly history: HistoryWriter;
  readonly mode: 'strict' | 'default' | 'mixed';
  readonly isOver: () => boolean;
}

/** What is cached: the version the loader read, and when it was set if it was. */
export interface Value {
  readonly version: number;
  readonly since: number;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets timers and sockets have their turn: a loop of hits in memory would starve them. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
