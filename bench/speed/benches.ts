import type { Bench } from './contest.js';
import { guide } from './rows/guide.js';
import { hitRatio } from './rows/hit-ratio.js';
import { http } from './rows/http.js';
import { l1Hit } from './rows/l1-hit.js';
import { l1Memory } from './rows/l1-memory.js';
import { l2Hit } from './rows/l2-hit.js';
import { miss } from './rows/miss.js';
import { redisMemory } from './rows/redis-memory.js';
import { scale } from './rows/scale.js';
import { set } from './rows/set.js';
import { stampede } from './rows/stampede.js';
import { warm } from './rows/warm.js';

/** In the order of the table that `npm run bench:all` ends with. */
export const BENCHES: readonly Bench[] = [
  l1Hit,
  l2Hit,
  set,
  miss,
  stampede,
  http,
  hitRatio,
  l1Memory,
  redisMemory,
  guide,
  scale,
  warm,
];
