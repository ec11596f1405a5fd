import type { JSX } from 'preact';
import { OverviewPlots } from '../overview/plots.js';
import { OverviewStats } from '../overview/stats.js';
import { Errors } from '../overview/errors.js';
import { Instances } from '../overview/instances.js';

/** How the cache does right now, and did for the last ten minutes. */
export function OverviewView(): JSX.Element {
  return (
    <>
      <OverviewStats />
      <OverviewPlots />
      <div class="columns">
        <Instances />
        <Errors />
      </div>
    </>
  );
}
