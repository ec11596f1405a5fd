import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TemplateRow } from '../../contract.js';
import { counted } from '../format.js';
import { usePage } from '../page-context.js';
import { Table } from '../parts/table.js';
import { moveByArrows } from '../parts/arrow-rows.js';
import { columnsOf } from '../templates/columns.js';
import { TemplateDetails } from '../templates/details.js';

/** Every template with what it did since the start. */
export function TemplatesView(): JSX.Element {
  const { cache, snapshot } = usePage();
  const [filter, setFilter] = useState('');
  const [onlyUsed, setOnlyUsed] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const all = [...cache.templates.values()];
  const rows = all.filter((row) => matches(row, filter) && (!onlyUsed || row.hitRatio !== null));
  const toggle = (name: string): void => {
    setOpen((before) => (before === name ? null : name));
  };
  return (
    <section onKeyDown={moveByArrows}>
      <div class="bar">
        <Filter value={filter} onChange={setFilter} />
        <label class="check">
          <input type="checkbox" checked={onlyUsed} onChange={(event) => setOnlyUsed(event.currentTarget.checked)} />
          read at least once
        </label>
        <span class="aside">
          {rows.length === all.length
            ? counted(all.length, 'template')
            : `${rows.length} of ${counted(all.length, 'template')}`}
        </span>
      </div>
      {rows.length === 0 ? (
        <p class="empty">{all.length === 0 ? 'No template is known yet.' : 'No template fits the filter.'}</p>
      ) : (
        <Table
          label="Templates"
          columns={columnsOf({ open, toggle, sparks: cache.sparks, target: snapshot.target })}
          rows={rows}
          id={({ template }) => template}
          first="Reads"
          below={(row) => open === row.template && <TemplateDetails row={row} />}
        />
      )}
    </section>
  );
}

function Filter({ value, onChange }: { value: string; onChange: (value: string) => void }): JSX.Element {
  return (
    <label>
      Filter
      <input
        type="search"
        value={value}
        placeholder="part of a template"
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}

function matches({ template }: TemplateRow, filter: string): boolean {
  return template.toLowerCase().includes(filter.trim().toLowerCase());
}
