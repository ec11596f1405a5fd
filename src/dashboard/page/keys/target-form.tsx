import type { JSX } from 'preact';
import type { Target } from '../../contract.js';

/** What the form says. */
export interface Wanted {
  readonly kind: 'pattern' | 'tag' | 'everything';
  readonly name: string;
  readonly because: string;
}

/** What is meant to be invalidated; `null` while it is not said. */
export function targetOf({ kind, name }: Wanted): Target | null {
  if (kind === 'everything') return { everything: true };
  const named = name.trim();
  if (named === '') return null;
  return kind === 'tag' ? { tags: [named] } : { pattern: named };
}

interface TargetFormProps {
  readonly wanted: Wanted;
  readonly onChange: (wanted: Wanted) => void;
}

/** The fields that say what is meant. */
export function TargetForm({ wanted, onChange }: TargetFormProps): JSX.Element {
  const { kind, name, because } = wanted;
  return (
    <div class="fields">
      <label>
        Invalidate by
        <select
          value={kind}
          onChange={(event) => onChange({ ...wanted, kind: event.currentTarget.value as Wanted['kind'] })}
        >
          <option value="pattern">pattern</option>
          <option value="tag">tag</option>
          <option value="everything">everything</option>
        </select>
      </label>
      {kind !== 'everything' && (
        <label class="wide">
          {kind === 'tag' ? 'Tag' : 'Pattern'}
          <input
            type="text"
            value={name}
            placeholder={kind === 'tag' ? 'agent:12' : 'agent:12:*'}
            spellcheck={false}
            onInput={(event) => onChange({ ...wanted, name: event.currentTarget.value })}
          />
        </label>
      )}
      <label class="wide">
        Because (for the ledger)
        <input
          type="text"
          value={because}
          maxLength={100}
          onInput={(event) => onChange({ ...wanted, because: event.currentTarget.value })}
        />
      </label>
    </div>
  );
}
