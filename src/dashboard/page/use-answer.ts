import { useCallback, useEffect, useState } from 'preact/hooks';
import { Refusal } from './wire.js';

/** A request to the server, as a view shows it. What was there stays in view while it is asked for anew. */
export interface Asked<Answer> {
  readonly answer: Answer | null;
  readonly refusal: Refusal | null;
  readonly isBusy: boolean;
  /** Asks, or asks again. */
  readonly ask: () => Promise<void>;
}

/** Asks at once and whenever `request` is another function. */
export function useAnswer<Answer>(request: () => Promise<Answer>): Asked<Answer> {
  const asked = useRequest(request);
  const { ask } = asked;
  useEffect(() => {
    void ask();
  }, [ask]);
  return asked;
}

/** Asks when it is told to. */
export function useRequest<Answer>(request: () => Promise<Answer>): Asked<Answer> {
  const [state, setState] = useState<Omit<Asked<Answer>, 'ask'>>({ answer: null, refusal: null, isBusy: false });
  const ask = useCallback(async () => {
    setState((before) => ({ ...before, isBusy: true }));
    try {
      setState({ answer: await request(), refusal: null, isBusy: false });
    } catch (error) {
      const refusal = refusalOf(error);
      setState((before) => ({ ...before, refusal, isBusy: false }));
    }
  }, [request]);
  return { ...state, ask };
}

/** What a request failed with; anything else is a fault of this page and thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
