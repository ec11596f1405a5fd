import { type CoherenceLease, LedgerLease } from '../engine/coherence-lease.js';
import { EntryWriter } from '../engine/entry-writer.js';
import { Invalidator } from '../engine/invalidator.js';
import { LateTags } from '../engine/late-tags.js';
import { Loads } from '../engine/loads.js';
import { LocalView } from '../engine/local-view.js';
import { type Clock, SystemClock } from '../primitives/clock.js';
import { type Random, SystemRandom } from '../primitives/random.js';
import type { Ledger, RemoteStore } from '../stores/contracts.js';
import { RedisLedger } from '../stores/redis/redis-ledger.js';
import { RedisStore } from '../stores/redis/redis-store.js';

/**
 * The implementations a cache is composed of. A table, so that tests can swap one part for a faulty one and show that
 * the checker notices.
 */
export const IMPLEMENTATIONS = {
  clock: (): Clock => new SystemClock(),
  random: (): Random => new SystemRandom(),
  store: (...parts: ConstructorParameters<typeof RedisStore>): RemoteStore => new RedisStore(...parts),
  ledger: (...parts: ConstructorParameters<typeof RedisLedger>): Ledger => new RedisLedger(...parts),
  lease: (window: number): CoherenceLease => new LedgerLease(window),
  view: (...parts: ConstructorParameters<typeof LocalView>): LocalView => new LocalView(...parts),
  writer: (...parts: ConstructorParameters<typeof EntryWriter>): EntryWriter => new EntryWriter(...parts),
  lateTags: (...parts: ConstructorParameters<typeof LateTags>): LateTags => new LateTags(...parts),
  loads: (...parts: ConstructorParameters<typeof Loads>): Loads => new Loads(...parts),
  invalidator: (...parts: ConstructorParameters<typeof Invalidator>): Invalidator => new Invalidator(...parts),
};

/** The shape of {@link IMPLEMENTATIONS}. */
export type Implementations = typeof IMPLEMENTATIONS;
