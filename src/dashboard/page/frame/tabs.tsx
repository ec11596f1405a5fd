import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { nextTab } from './next-tab.js';

interface TabsProps {
  readonly views: readonly { readonly id: string; readonly name: string }[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

/** The views. One stop for the Tab key; arrows, Home and End go from one to the next. */
export function Tabs({ views, chosen, onChoose }: TabsProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`#tab-${chosen}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [chosen]);
  const move = (event: KeyboardEvent): void => {
    // From the one that has the focus: of two keys within one drawing, the second finds `chosen` as it was before the first.
    const at = views.findIndex(({ id }) => `tab-${id}` === (event.target as Element).id);
    const next = views[nextTab(event.key, at, views.length)];
    if (!next || next === views[at]) return;
    event.preventDefault();
    onChoose(next.id);
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views" ref={list} onKeyDown={move}>
      {views.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          aria-selected={id === chosen}
          aria-controls="panel"
          tabIndex={id === chosen ? 0 : -1}
          onClick={() => onChoose(id)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
