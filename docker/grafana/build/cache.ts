import { ERRORS } from './cache/errors.js';
import { HITS_AND_MISSES } from './cache/hits.js';
import { INVALIDATIONS } from './cache/invalidations.js';
import { LATENCY } from './cache/latency.js';
import { MEMORY_AND_LOAD } from './cache/load.js';
import { OVERVIEW } from './cache/overview.js';
import { PROCESSES } from './cache/processes.js';
import type { DashboardSpec } from './dashboard.js';

/** What the cache does, as the applications report it. */
export const CACHE: DashboardSpec = {
  uid: 'shadower-cache',
  title: 'Cache',
  description: 'Hits, latency, errors, invalidations and load of the cache, as its applications report them.',
  subject: 'cache_keys',
  sections: [OVERVIEW, HITS_AND_MISSES, LATENCY, ERRORS, INVALIDATIONS, MEMORY_AND_LOAD, PROCESSES],
};
