import { describe, expect, it } from 'vitest';
import { play } from './play.js';
import { DAMAGE } from './damage.js';
import { complaints } from './verdict.js';

/* Most of a run is waiting, so a few go on at a time. */
describe.concurrent(
  'steady traffic goes on, right and in time, and all is as before when',
  { timeout: 180_000 },
  () => {
    it.each(DAMAGE)('$name', async (fault) => {
      const run = await play(fault);
      expect(complaints(fault, run)).toEqual([]);
    });
  },
);
