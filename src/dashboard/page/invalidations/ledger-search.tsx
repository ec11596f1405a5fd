import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { HistoryQuery } from '../../contract.js';

/** What is searched for; `null`: nothing in particular. */
export type Sought = Pick<HistoryQuery, 'tag'> | Pick<HistoryQuery, 'key'> | null;

/** Asks the ledger for all it keeps of a tag, or of what has touched a key. */
export function LedgerSearch({ onSearch }: { onSearch: (sought: Sought) => void }): JSX.Element {
  const [kind, setKind] = useState<'tag' | 'key'>('tag');
  const [name, setName] = useState('');
  const search = (event: Event): void => {
    event.preventDefault();
    const sought = name.trim();
    onSearch(sought === '' ? null : kind === 'tag' ? { tag: sought } : { key: sought });
  };
  return (
    <form class="bar" onSubmit={search}>
      <label>
        Search the ledger for
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value === 'key' ? 'key' : 'tag')}>
          <option value="tag">a tag</option>
          <option value="key">what touched a key</option>
        </select>
      </label>
      <label>
        Its name
        <input
          type="search"
          value={name}
          placeholder={kind === 'tag' ? 'agent:12' : 'agent:12:stats:7d'}
          spellcheck={false}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Search</button>
    </form>
  );
}
