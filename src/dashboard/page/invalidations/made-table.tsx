import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import type { LiveInvalidation } from '../../contract.js';
import { usePage } from '../page-context.js';
import { moveByArrows } from '../parts/arrow-rows.js';
import { Failed } from '../parts/notice.js';
import { Table } from '../parts/table.js';
import { useAnswer } from '../use-answer.js';
import { columnsOf } from './columns.js';
import type { Sought } from './ledger-search.js';
import { type Made, made } from './made.js';

/** Invalidations that are asked of the ledger, and rows of them that are shown. */
const [ASKED, SHOWN] = [500, 100];

interface MadeTableProps {
  /** Those that have come since the page was opened. */
  readonly live: readonly LiveInvalidation[];
  readonly sought: Sought;
  readonly filter: string;
}

/** Those that have come and those that the ledger keeps, newest first. */
export function MadeTable({ live, sought, filter }: MadeTableProps): JSX.Element {
  const { wire, cache, cacheName, now } = usePage();
  const [open, setOpen] = useState<string | null>(null);
  const request = useCallback(() => wire.get('history', { limit: ASKED, ...sought }), [wire, sought]);
  const { answer, refusal, isBusy, ask } = useAnswer(request);
  const own = live.filter((each) => each.cache === cacheName);
  const rows = made(own, answer ?? [])
    .filter((row) => fits(row, filter.trim().toLowerCase()))
    .slice(0, SHOWN);
  const toggle = (id: string): void => {
    setOpen((before) => (before === id ? null : id));
  };
  return (
    <div onKeyDown={moveByArrows} aria-busy={isBusy}>
      {refusal && <Failed refusal={refusal} again={() => void ask()} />}
      {rows.length > 0 && (
        <Table
          label="Invalidations, newest first"
          columns={columnsOf({ now, origin: cache.origin, open, toggle })}
          rows={rows}
          id={({ id }) => id}
        />
      )}
      {rows.length === 0 && isBusy && <p class="loading">Reading the ledger…</p>}
      {rows.length === 0 && !isBusy && !refusal && (
        <p class="empty">
          {filter === '' && !sought ? 'Nothing was invalidated.' : 'None that the ledger keeps fits.'}
        </p>
      )}
    </div>
  );
}

function fits({ names, cause }: Made, filter: string): boolean {
  return `${names.join(' ')} ${cause}`.toLowerCase().includes(filter);
}
