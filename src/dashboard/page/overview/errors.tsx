import type { JSX } from 'preact';
import { count } from '../format.js';
import { usePage } from '../page-context.js';
import { Table } from '../parts/table.js';

/** What has failed since the start of this process, by kind. */
export function Errors(): JSX.Element {
  const { cache } = usePage();
  const rows = Object.entries(cache.overview.errors);
  return (
    <section>
      <h3>Errors since the start</h3>
      {rows.length === 0 ? (
        <p class="empty">None: every command to Redis was answered, no argument was refused.</p>
      ) : (
        <Table
          label="Errors since the start"
          columns={[
            { name: 'Kind', cell: ([kind]) => kind, by: ([kind]) => kind },
            { name: 'Errors', isNumber: true, cell: ([, number]) => count(number), by: ([, number]) => number },
          ]}
          rows={rows}
          id={([kind]) => kind}
          first="Errors"
        />
      )}
    </section>
  );
}
