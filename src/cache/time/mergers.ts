import { groups, histogram, max, min, record, sum, weightedMean } from './basic-mergers.js';
import { percentiles } from './percentiles.js';

/** How values of buckets are merged into that of a range; one of your own is an object with `merge` and `result`. */
export const mergers = Object.freeze({ sum, min, max, weightedMean, histogram, percentiles, record, groups });
