import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { count, counted } from '../format.js';
import { columnsAt, joined } from '../invalidations/rows.js';
import { usePage } from '../page-context.js';
import { Failed } from '../parts/notice.js';
import { Table } from '../parts/table.js';
import { useAnswer } from '../use-answer.js';

const SHOWN = 200;

/** What is invalidated, as it comes, and what was before the page was opened. */
export function InvalidationsView(): JSX.Element {
  const { state, wire, cacheName, now } = usePage();
  const [filter, setFilter] = useState('');
  const [held, setHeld] = useState<typeof state.invalidations | null>(null);
  const { answer, refusal, ask } = useAnswer(useCallback(() => wire.get('history', { limit: SHOWN }), [wire]));
  const live = (held ?? state.invalidations).filter(({ cache }) => cache === cacheName);
  const rows = joined(live, answer ?? [])
    .filter(({ name, cause }) => `${name} ${cause}`.toLowerCase().includes(filter.trim().toLowerCase()))
    .slice(0, SHOWN);
  const waiting = state.health?.queuedInvalidations ?? 0;
  return (
    <section>
      <div class="bar">
        <label>
          Filter
          <input
            type="search"
            value={filter}
            placeholder="part of a name or cause"
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
        </label>
        <button type="button" aria-pressed={held !== null} onClick={() => setHeld(held ? null : state.invalidations)}>
          {held ? 'Go on' : 'Hold'}
        </button>
        <span class="aside">
          {counted(state.invalidationsSeen, 'invalidation')} since this page was opened
          {waiting > 0 && `; ${count(waiting)} wait for Redis`}
        </span>
      </div>
      {refusal && <Failed refusal={refusal} again={() => void ask()} />}
      {rows.length === 0 ? (
        <p class="empty">
          {filter === '' ? 'Nothing was invalidated, as far as the ledger tells.' : 'None of them fits the filter.'}
        </p>
      ) : (
        <Table
          label="Invalidations, newest first"
          columns={columnsAt(now)}
          rows={rows}
          id={({ id, kind, name }) => `${id} ${kind} ${name}`}
        />
      )}
    </section>
  );
}
