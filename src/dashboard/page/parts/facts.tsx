import type { ComponentChildren, JSX } from 'preact';

/** Names and what holds for them; those that are `undefined` are left out. */
export function Facts({ facts }: { facts: Readonly<Record<string, ComponentChildren>> }): JSX.Element {
  return (
    <dl class="facts">
      {Object.entries(facts).map(([name, fact]) =>
        fact === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
