/**
 * Tools for the tests of applications that use the cache: `@shadower/nestjs-cache/testing`.
 */
export { cacheMatchers, type CacheMatchers, type MatcherResult } from './cache-matchers.js';
export { CacheRecorder, type Recorded } from './cache-recorder.js';
export type { Clock, Timer } from '../primitives/clock.js';
export { CacheTestingModule } from './cache-testing.module.js';
export { type ContractRunner, describeCacheContract } from './contract/cache-contract.js';
export { ManualClock } from './manual-clock.js';
export { type LinkRules, TcpLink } from './tcp-link.js';
export { TcpProxy } from './tcp-proxy.js';
