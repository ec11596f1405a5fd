import { useEffect, useState } from 'preact/hooks';
import type { Live } from './live/live.js';
import type { LiveState } from './live/state.js';

/** What the stream has told, and every change of it. */
export function useLive(live: Live): LiveState {
  const [state, setState] = useState(live.state);
  useEffect(() => live.subscribe(setState), [live]);
  return state;
}
