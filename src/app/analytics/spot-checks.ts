import type { LoadOptions, Timeframe } from '../../index.js';

const CHECKED = Object.freeze({ spotCheck: 0.01 });
/** Whatever the environment says of the others. */
const UNCHECKED = Object.freeze({ spotCheck: 0 });

/**
 * One hit in a hundred is computed once more and compared, of the answers about all time: those are made of the runs alone.
 * The window of the others moves on without an event.
 */
export function spotChecked(timeframe: Timeframe): Pick<LoadOptions, 'spotCheck'> {
  return timeframe === 'all' ? CHECKED : UNCHECKED;
}
