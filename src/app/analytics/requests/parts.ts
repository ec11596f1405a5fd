import { fromQuery, type RequestPart } from '../../../index.js';

/** The timeframe of a question, with the default that the pipe gives it. */
export const TIMEFRAME = fromQuery('timeframe', { default: '7d' });

/** A whole number in the query: `010` asks for what `10` asks for. What is no number is refused by the pipe, uncached. */
export function numberFromQuery(name: string, standard: number): RequestPart {
  return fromQuery(name, { default: String(standard), normalize: (text) => String(Number(text)) });
}
