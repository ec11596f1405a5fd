import type { JSX } from 'preact';
import type { Routes } from '../../contract.js';
import { bytes, count, counted, percent } from '../format.js';
import { Table } from '../parts/table.js';

type BlastRadius = Routes['dry-run']['answer'];

/** What an invalidation would take. */
export function Blast({ radius }: { radius: BlastRadius }): JSX.Element {
  const rows = Object.entries(radius.templates);
  return (
    <>
      <p class="blast">
        Would take <strong>{counted(radius.entries, 'entry', 'entries')}</strong>, {bytes(radius.bytes)},{' '}
        {percent(radius.share)} of all ({radius.basis}).
      </p>
      {rows.length > 0 && (
        <Table
          label="Blast radius by template"
          columns={[
            { name: 'Template', by: ([name]) => name, cell: ([name]) => <code>{name}</code> },
            { name: 'Entries', isNumber: true, by: ([, number]) => number, cell: ([, number]) => count(number) },
          ]}
          rows={rows}
          id={([name]) => name}
          first="Entries"
        />
      )}
    </>
  );
}
