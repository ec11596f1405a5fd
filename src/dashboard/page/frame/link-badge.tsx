import type { JSX } from 'preact';
import { duration } from '../format.js';
import type { Link } from '../live/state.js';
import { usePage } from '../page-context.js';
import { Badge, type Tone } from '../parts/badge.js';

const TONES: Readonly<Record<Link, Tone>> = { live: 'good', connecting: 'quiet', old: 'warn', lost: 'bad' };
const WORDS: Readonly<Record<Link, string>> = {
  live: 'live',
  connecting: 'connecting',
  old: 'nothing new',
  lost: 'disconnected',
};

/** Whether the figures are of now. */
export function LinkBadge(): JSX.Element {
  const { state, now } = usePage();
  const age = Math.floor((now - state.at) / 1000);
  return (
    <Badge tone={TONES[state.link]}>
      {WORDS[state.link]}
      {state.link !== 'live' && `, figures ${duration(age)} old`}
    </Badge>
  );
}
