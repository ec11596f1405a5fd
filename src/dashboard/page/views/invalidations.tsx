import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { count, counted } from '../format.js';
import { columnsOf } from '../invalidations/columns.js';
import { made } from '../invalidations/made.js';
import { usePage } from '../page-context.js';
import { moveByArrows } from '../parts/arrow-rows.js';
import { Failed } from '../parts/notice.js';
import { Table } from '../parts/table.js';
import { useAnswer } from '../use-answer.js';

/** Records of the ledger that are read, and rows of them that are shown. */
const [READ, SHOWN] = [500, 100];

/** What is invalidated, as it comes, and what was before the page was opened. */
export function InvalidationsView(): JSX.Element {
  const { state, wire, cache, cacheName, now } = usePage();
  const [filter, setFilter] = useState('');
  const [open, setOpen] = useState<string | null>(null);
  const [held, setHeld] = useState<typeof state.invalidations | null>(null);
  const { answer, refusal, ask } = useAnswer(useCallback(() => wire.get('history', { limit: READ }), [wire]));
  const live = (held ?? state.invalidations).filter((each) => each.cache === cacheName);
  const rows = made(live, answer ?? [])
    .filter(({ names, cause }) => `${names.join(' ')} ${cause}`.toLowerCase().includes(filter.trim().toLowerCase()))
    .slice(0, SHOWN);
  const setOpenOrNot = (id: string): void => {
    setOpen((before) => (before === id ? null : id));
  };
  const waiting = state.health?.queuedInvalidations ?? 0;
  return (
    <section onKeyDown={moveByArrows}>
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
          columns={columnsOf({ now, origin: cache.origin, open, toggle: setOpenOrNot })}
          rows={rows}
          id={({ id }) => id}
        />
      )}
    </section>
  );
}
