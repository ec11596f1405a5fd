import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Snapshot } from '../contract.js';
import type { CacheState, LiveState } from './live/state.js';
import type { Wire } from './wire.js';

/** What every view is given. */
export interface Page {
  readonly state: LiveState;
  readonly snapshot: Snapshot;
  /** The name of the cache that is looked at, its state, and its routes. */
  readonly cacheName: string;
  readonly cache: CacheState;
  readonly wire: Wire;
  /** The server's time. */
  readonly now: number;
  /** Says something to screen readers, once. */
  readonly announce: (text: string) => void;
}

/** Gives every view what the page has. */
export const PageContext = createContext<Page | null>(null);

/** The page, in any component below its frame. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('A view is shown inside the frame only');
  return page;
}
