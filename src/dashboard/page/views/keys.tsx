import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import type { KeyDetails } from '../../contract.js';
import { count, counted } from '../format.js';
import { type Changed, Inspector } from '../keys/inspector.js';
import { InvalidateMany } from '../keys/invalidate-many.js';
import { Tree } from '../keys/tree.js';
import { useWalk, type Walk, type Walked } from '../keys/use-walk.js';
import { usePage } from '../page-context.js';
import { Failed } from '../parts/notice.js';
import { useAnswer } from '../use-answer.js';

/** Keys page by page, one of them in full, and what can be done to one or to many. */
export function KeysView(): JSX.Element {
  const { wire } = usePage();
  const walk = useWalk(wire);
  const [pattern, setPattern] = useState('');
  const [searched, setSearched] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const search = (): void => {
    setSearched(pattern);
    walk.begin(pattern);
  };
  return (
    <div class="columns">
      <section aria-label="Keys">
        <Search pattern={pattern} onChange={setPattern} onSearch={search} onInspect={setChosen} />
        <Found walk={walk} chosen={chosen} onChoose={setChosen} />
      </section>
      <div>
        {chosen === null ? (
          <p class="empty">Choose a key to see what is known of it.</p>
        ) : (
          <Chosen key={chosen} name={chosen} onChange={(state) => walk.mark(chosen, state)} />
        )}
        <InvalidateMany key={searched} pattern={searched} onDone={() => walk.begin(searched)} />
      </div>
    </div>
  );
}

interface SearchProps {
  readonly pattern: string;
  readonly onChange: (pattern: string) => void;
  readonly onSearch: () => void;
  readonly onInspect: (key: string) => void;
}

function Search({ pattern, onChange, onSearch, onInspect }: SearchProps): JSX.Element {
  const search = (event: Event): void => {
    event.preventDefault();
    onSearch();
  };
  return (
    <form class="bar" onSubmit={search}>
      <label class="wide">
        Pattern
        <input
          type="search"
          value={pattern}
          placeholder="all keys, or agent:12:*"
          spellcheck={false}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="main">
        Search
      </button>
      <button type="button" disabled={!isWhole(pattern)} onClick={() => onInspect(pattern.trim())}>
        Inspect
      </button>
    </form>
  );
}

/** Whether it can be the name of one key. */
function isWhole(pattern: string): boolean {
  return pattern.trim() !== '' && !/[*?]/.test(pattern);
}

interface ChosenProps {
  readonly name: string;
  readonly onChange: (state: Changed) => void;
}

function Chosen({ name, onChange }: ChosenProps): JSX.Element {
  const { wire } = usePage();
  const asked = useAnswer<KeyDetails>(useCallback(() => wire.get('key', { key: name }), [wire, name]));
  const changed = (state: Changed): void => {
    onChange(state);
    void asked.ask();
  };
  return <Inspector name={name} asked={asked} onChange={changed} />;
}

interface FoundProps {
  readonly walk: Walk;
  readonly chosen: string | null;
  readonly onChoose: (key: string) => void;
}

function Found({ walk, chosen, onChoose }: FoundProps): JSX.Element {
  const { walked, refusal, isBusy, goOn } = walk;
  return (
    <div aria-busy={isBusy}>
      {refusal && <Failed refusal={refusal} again={goOn} />}
      {walked ? (
        <>
          {walked.source === 'memory' && <p class="aside">Without Redis: these are in the memory of this instance.</p>}
          {walked.entries.length === 0 && walked.next === null && <p class="empty">No key fits.</p>}
          <Tree entries={walked.entries} chosen={chosen} onChoose={onChoose} />
          <HowFar walked={walked} isBusy={isBusy} goOn={goOn} />
        </>
      ) : (
        !refusal && <p class="loading">Walking over the keys…</p>
      )}
    </div>
  );
}

type HowFarProps = Pick<Walk, 'isBusy' | 'goOn'> & { readonly walked: Walked };

function HowFar({ walked: { entries, next }, isBusy, goOn }: HowFarProps): JSX.Element {
  return (
    <div class="bar">
      {next !== null && (
        <button type="button" disabled={isBusy} onClick={goOn}>
          {isBusy ? 'Walking…' : 'More keys'}
        </button>
      )}
      <span class="aside">
        {next === null ? counted(entries.length, 'key') : `${count(entries.length)} keys so far, there are more`}
      </span>
    </div>
  );
}
