import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LiveInvalidation } from '../../contract.js';
import { count, counted } from '../format.js';
import { LedgerSearch, type Sought } from '../invalidations/ledger-search.js';
import { MadeTable } from '../invalidations/made-table.js';
import { usePage } from '../page-context.js';

/** What is invalidated, as it comes, and what was before the page was opened. */
export function InvalidationsView(): JSX.Element {
  const { state } = usePage();
  const [filter, setFilter] = useState('');
  const [sought, setSought] = useState<Sought>(null);
  const [held, setHeld] = useState<readonly LiveInvalidation[] | null>(null);
  const waiting = state.health?.queuedInvalidations ?? 0;
  return (
    <section>
      <div class="bars">
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
        <LedgerSearch onSearch={setSought} />
      </div>
      <MadeTable live={sought ? [] : (held ?? state.invalidations)} sought={sought} filter={filter} />
    </section>
  );
}
