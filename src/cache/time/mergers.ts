/** How values of buckets are merged into that of a range; one of your own is an object with `merge` and `result`. */
export { groups, histogram, max, min, record, sum, weightedMean } from './basic-mergers.js';
export { percentiles } from './percentiles.js';
