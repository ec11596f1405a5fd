import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { KeyDetails } from '../../contract.js';
import { usePage } from '../page-context.js';
import { Answered, Failed } from '../parts/notice.js';
import { type Asked, refusalOf } from '../use-answer.js';
import type { Refusal } from '../wire.js';
import { ExplanationFacts } from './explanation.js';
import { Value } from './shown-value.js';

/** How a key stands after what was done to it. */
export type Changed = 'fresh' | 'invalidated';

interface InspectorProps {
  readonly name: string;
  readonly asked: Asked<KeyDetails>;
  /** It was changed: what is shown of it elsewhere is old. */
  readonly onChange: (state: Changed) => void;
}

/** One key: what is known of it, its value, and what can be done to it. */
export function Inspector({ name, asked, onChange }: InspectorProps): JSX.Element {
  const { now } = usePage();
  return (
    <section class="inspector" aria-label="Key">
      <h3>
        <code>{name}</code>
      </h3>
      <Answered asked={asked} loading="Looking at it…">
        {(details) => (
          <>
            <Deeds name={name} hasLoader={details.hasLoader} onDone={onChange} />
            <ExplanationFacts explanation={details.explanation} now={now} />
            <Value value={details.value} />
          </>
        )}
      </Answered>
    </section>
  );
}

interface DeedsProps {
  readonly name: string;
  readonly hasLoader: boolean;
  readonly onDone: (state: Changed) => void;
}

function Deeds({ name, hasLoader, onDone }: DeedsProps): JSX.Element {
  const { wire, announce, snapshot } = usePage();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [outcome, setOutcome] = useState('');
  const [isBusy, setBusy] = useState(false);
  const act = async (deed: () => Promise<string>, state: Changed): Promise<void> => {
    setBusy(true);
    setRefusal(null);
    setOutcome('');
    try {
      const told = await deed();
      setOutcome(told);
      announce(told);
      onDone(state);
    } catch (error) {
      setRefusal(refusalOf(error));
    }
    setBusy(false);
  };
  const reload = async (): Promise<string> => {
    await wire.post('reload', { key: name });
    return 'Loaded anew.';
  };
  const invalidate = async (): Promise<string> => {
    const { acknowledged } = await wire.post('invalidate', { keys: [name] });
    return acknowledged ? 'Invalidated.' : 'Redis is away: the invalidation waits for it.';
  };
  const isOff = isBusy || snapshot.readOnly;
  return (
    <>
      <div class="bar">
        <button type="button" disabled={isOff || !hasLoader} onClick={() => void act(reload, 'fresh')}>
          Reload
        </button>
        <button type="button" class="bad" disabled={isOff} onClick={() => void act(invalidate, 'invalidated')}>
          Invalidate
        </button>
        <span class="aside">{outcome || whyOff(snapshot.readOnly, hasLoader)}</span>
      </div>
      {refusal && <Failed refusal={refusal} />}
    </>
  );
}

function whyOff(isReadOnly: boolean, hasLoader: boolean): string {
  if (isReadOnly) return 'Read-only: nothing can be changed here.';
  return hasLoader ? '' : 'Its template has no known loader, so it cannot be reloaded.';
}
