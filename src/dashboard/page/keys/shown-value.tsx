import type { JSX } from 'preact';
import type { ShownValue } from '../../contract.js';

const WHY = {
  never: 'Values are never shown: the module is configured so.',
  absent: 'There is none that is fresh or stale.',
  away: 'Redis is away.',
  failed: 'It cannot be shown: the redacting function threw.',
  large: 'It is larger than 256 KiB.',
} as const;

/** The value of a key, as far as it may be seen. */
export function Value({ value }: { value: ShownValue }): JSX.Element {
  if (!value.shown) return <p class="empty">{WHY[value.why]}</p>;
  return (
    <figure class="value">
      <figcaption>Value{value.redacted && ', redacted'}</figcaption>
      <pre tabIndex={0}>{JSON.stringify(value.value, null, 2)}</pre>
    </figure>
  );
}
