import { describe, expect, it } from 'vitest';
import { type Fault, faultsIn } from './fault.js';
import { play } from './play.js';
import { MODE_NAMES, type ModeName } from './settings.js';
import { complaints } from './verdict.js';

/** Modes to play all faults in, divided by commas; in the others only the telling ones are played. */
const FULL = (process.env['FAULT_MODES'] ?? 'standalone').split(',');
const unknown = FULL.find((name) => !MODE_NAMES.some((mode) => mode === name));
if (unknown !== undefined) throw new Error(`FAULT_MODES must name ${MODE_NAMES.join(', ')}; received ${unknown}`);

function chosen(mode: ModeName, faults: readonly Fault[]): readonly Fault[] {
  const possible = faultsIn(mode, faults);
  return FULL.includes(mode) ? possible : possible.filter(({ isTelling }) => isTelling);
}

/** The tests of a kind of faults. Most of a run is waiting, so a few go on at a time. */
export function inEveryMode(faults: readonly Fault[]): void {
  for (const mode of MODE_NAMES) {
    const toPlay = chosen(mode, faults);
    if (toPlay.length === 0) continue;
    describe.concurrent(
      `in mode ${mode} steady traffic goes on, right and in time, and all is as before when`,
      { timeout: 180_000 },
      () => {
        it.each(toPlay)('$name', async (fault) => {
          expect(complaints(fault, await play(fault, { mode }))).toEqual([]);
        });
      },
    );
  }
}
