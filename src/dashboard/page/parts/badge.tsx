import type { ComponentChildren, JSX } from 'preact';

/** How a badge looks. */
export type Tone = 'quiet' | 'good' | 'warn' | 'bad';

/** A word with a colour; the word alone says it too. */
export function Badge({ tone = 'quiet', children }: { tone?: Tone; children: ComponentChildren }): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}

const TONES: Readonly<Record<string, Tone>> = {
  fresh: 'good',
  stale: 'warn',
  invalidated: 'bad',
  unreadable: 'bad',
  version: 'warn',
  invalid: 'bad',
  closed: 'good',
  'half-open': 'warn',
  open: 'bad',
  pass: 'good',
  warn: 'warn',
  fail: 'bad',
  done: 'good',
  failed: 'bad',
  away: 'warn',
  waiting: 'warn',
};

/** A state by its own word. */
export function StateBadge({ state }: { state: string }): JSX.Element {
  return <Badge tone={TONES[state] ?? 'quiet'}>{state}</Badge>;
}
