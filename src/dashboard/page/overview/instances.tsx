import type { JSX } from 'preact';
import type { InstanceRow } from '../../contract.js';
import { ago, count } from '../format.js';
import { usePage } from '../page-context.js';
import { Badge } from '../parts/badge.js';
import { type Column, Table } from '../parts/table.js';

/** Who else there is. */
export function Instances(): JSX.Element {
  const { cache, now } = usePage();
  return (
    <section>
      <h3>Instances</h3>
      <Table label="Instances" columns={columnsAt(now)} rows={cache.overview.instances} id={({ origin }) => origin} />
    </section>
  );
}

function columnsAt(now: number): Column<InstanceRow>[] {
  return [
    {
      name: 'Instance',
      cell: ({ origin, isThis }) => (
        <>
          <code>{origin}</code> {isThis && <Badge>this one</Badge>}
        </>
      ),
    },
    {
      name: 'Invalidations',
      isNumber: true,
      cell: ({ invalidations }) => count(invalidations),
      by: ({ invalidations }) => invalidations,
    },
    {
      name: 'Last',
      isNumber: true,
      cell: ({ lastInvalidationAt: at }) => (at === null ? 'none in the ledger' : ago(at, now)),
      by: ({ lastInvalidationAt }) => lastInvalidationAt ?? 0,
    },
  ];
}
