import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import type { WarmUpRow } from '../../contract.js';
import { count, duration, percent, UNKNOWN } from '../format.js';
import { usePage } from '../page-context.js';
import { StateBadge } from '../parts/badge.js';
import { Meter } from '../parts/meter.js';
import { Answered } from '../parts/notice.js';
import { type Column, Table } from '../parts/table.js';
import { useAnswer } from '../use-answer.js';

/** What this instance loads before anybody asks. */
export function WarmUpsView(): JSX.Element {
  const { wire, state, cacheName } = usePage();
  const asked = useAnswer(useCallback(() => wire.get('warm-ups', {}), [wire]));
  return (
    <Answered asked={asked} loading="Asking for the plans…">
      {(plans) =>
        plans.length === 0 ? (
          <p class="empty">
            No plan: nothing is loaded before somebody asks. A method with <code>@WarmUp</code> makes one.
          </p>
        ) : (
          <Table
            label="Warm-ups"
            columns={COLUMNS}
            rows={plans.map((row) => state.warmUps[`${cacheName} ${row.plan}`] ?? row)}
            id={({ plan }) => plan}
          />
        )
      }
    </Answered>
  );
}

const COLUMNS: readonly Column<WarmUpRow>[] = [
  { name: 'Plan', by: ({ plan }) => plan, cell: ({ plan }) => <code>{plan}</code> },
  { name: 'State', by: ({ state }) => state, cell: ({ state }) => <StateBadge state={state} /> },
  { name: 'Progress', cell: (row) => <Progress row={row} /> },
  {
    name: 'Last ended',
    cell: ({ lastEnding }) => (lastEnding === null ? UNKNOWN : <StateBadge state={lastEnding} />),
  },
  {
    name: 'Took',
    isNumber: true,
    by: ({ lastTook }) => lastTook ?? 0,
    cell: ({ lastTook }) => duration(lastTook === null ? null : lastTook / 1000),
  },
  { name: 'Loaded', isNumber: true, by: ({ keys }) => keys.loaded, cell: ({ keys }) => count(keys.loaded) },
  {
    name: 'Present',
    isNumber: true,
    hint: 'Cached already',
    by: ({ keys }) => keys.present,
    cell: ({ keys }) => count(keys.present),
  },
  { name: 'Failed', isNumber: true, by: ({ keys }) => keys.failed, cell: ({ keys }) => count(keys.failed) },
  {
    name: 'Runs',
    cell: ({ runs }) =>
      Object.entries(runs)
        .filter(([, number]) => number > 0)
        .map(([ending, number]) => `${count(number)} ${ending}`)
        .join(', ') || 'none',
  },
];

function Progress({ row: { progress } }: { row: WarmUpRow }): JSX.Element {
  if (!progress) return <>{UNKNOWN}</>;
  const { keys, loaded, present, failed } = progress;
  const tried = loaded + present + failed;
  const share = keys === 0 ? 1 : tried / keys;
  return (
    <span class="progress">
      <Meter share={share} label={percent(share)} />
      {count(tried)} of {count(keys)} keys
    </span>
  );
}
