import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { KeysPage, KeysQuery } from '../../contract.js';
import { refusalOf } from '../use-answer.js';
import type { Refusal, Wire } from '../wire.js';
import type { Entry } from './key-tree.js';

/** A walk over keys, as far as it has come. */
export interface Walked {
  readonly entries: readonly Entry[];
  readonly next: string | null;
  readonly source: KeysPage['source'];
}

/** A walk, and how to go on. */
export interface Walk {
  readonly walked: Walked | null;
  readonly refusal: Refusal | null;
  readonly isBusy: boolean;
  readonly begin: (pattern: string) => void;
  readonly goOn: () => void;
  /** What was found of a key no longer holds. */
  readonly mark: (key: string, state: Entry['state']) => void;
}

const LIMIT = 200;

/** Pages of keys, one after another. A walk that the server has forgotten begins anew. */
export function useWalk(wire: Wire): Walk {
  const [state, setState] = useState<Omit<Walk, 'begin' | 'goOn' | 'mark'>>({
    walked: null,
    refusal: null,
    isBusy: false,
  });
  const pattern = useRef('');
  /** An answer to what was asked before the last question comes too late. */
  const turn = useRef(0);
  const step = useCallback(
    async (walked: Walked | null) => {
      const mine = (turn.current += 1);
      setState({ walked, refusal: null, isBusy: true });
      const next = await stepOf(wire, pattern.current, walked);
      if (mine === turn.current) setState({ walked, refusal: null, ...next, isBusy: false });
    },
    [wire],
  );
  const begin = (wanted: string): void => {
    pattern.current = wanted.trim();
    void step(null);
  };
  useEffect(() => void step(null), [step]);
  const mark = (key: string, found: Entry['state']): void => {
    setState((before) => ({ ...before, walked: before.walked && marked(before.walked, key, found) }));
  };
  return { ...state, begin, goOn: () => void step(state.walked), mark };
}

async function stepOf(
  wire: Wire,
  pattern: string,
  walked: Walked | null,
): Promise<{ walked: Walked } | { refusal: Refusal }> {
  const query: KeysQuery = {
    limit: LIMIT,
    ...(pattern !== '' && { pattern }),
    ...(walked?.next != null && { after: walked.next }),
  };
  try {
    return { walked: added(walked, await wire.get('keys', query)) };
  } catch (error) {
    const refusal = refusalOf(error);
    return refusal.problem.status === 410 && walked ? stepOf(wire, pattern, null) : { refusal };
  }
}

/** Some keys are found more than once. */
function added(walked: Walked | null, { entries, next, source }: KeysPage): Walked {
  const all = new Map([...(walked?.entries ?? []), ...entries].map((entry) => [entry.key, entry]));
  return { entries: [...all.values()], next, source };
}

function marked(walked: Walked, key: string, state: Entry['state']): Walked {
  const entries = walked.entries.map((entry) => (entry.key === key ? { ...entry, state } : entry));
  return { ...walked, entries };
}
