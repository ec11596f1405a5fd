import type { JSX } from 'preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import { clock } from './clock.js';
import { Header } from './frame/header.js';
import { LinkNotice } from './frame/link-notice.js';
import { Opening } from './frame/opening.js';
import { Tabs } from './frame/tabs.js';
import { useView } from './frame/use-view.js';
import type { Live } from './live/live.js';
import { PageContext } from './page-context.js';
import { useLive } from './use-live.js';
import { VIEWS } from './views.js';
import { Wire } from './wire.js';

/** The whole page: what is always there, and one view. */
export function App({ live }: { live: Live }): JSX.Element {
  const state = useLive(live);
  const [view, open] = useView();
  const [cacheName, setCacheName] = useState('default');
  const [said, setSaid] = useState('');
  const wire = useMemo(() => new Wire(cacheName), [cacheName]);
  const announce = useCallback((text: string) => {
    setSaid(text);
  }, []);
  const { snapshot, caches } = state;
  const cache = caches[cacheName];
  if (!snapshot || !cache) return <Opening link={state.link} />;
  const now = state.at + (clock.now() - state.heardAt);
  const { View, name } = VIEWS.find(({ id }) => id === view) ?? VIEWS[0];
  return (
    <PageContext.Provider value={{ state, snapshot, cacheName, cache, wire, now, announce }}>
      <Header onCache={setCacheName} />
      <Tabs views={VIEWS} chosen={view} onChoose={open} />
      <main>
        <LinkNotice />
        <div id="panel" role="tabpanel" aria-labelledby={`tab-${view}`} tabIndex={-1}>
          <h2 class="unseen">{name}</h2>
          <View key={cacheName} />
        </div>
      </main>
      <p class="unseen" role="status">
        {said}
      </p>
    </PageContext.Provider>
  );
}
