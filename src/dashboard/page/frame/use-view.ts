import { useEffect, useState } from 'preact/hooks';
import { VIEWS } from '../views.js';

/** Which view is open: the address says it, so that it can be kept and sent. */
export function useView(): [id: string, open: (id: string) => void] {
  const [view, setView] = useState(viewOfAddress);
  useEffect(() => {
    const follow = (): void => {
      setView(viewOfAddress());
    };
    addEventListener('hashchange', follow);
    return () => {
      removeEventListener('hashchange', follow);
    };
  }, []);
  const open = (id: string): void => {
    location.hash = id;
  };
  return [view, open];
}

function viewOfAddress(): string {
  const named = location.hash.slice(1);
  return VIEWS.some(({ id }) => id === named) ? named : VIEWS[0].id;
}
