import { parser } from '@prometheus-io/lezer-promql';

/** What an expression holds, as far as tests want to know. */
export interface Expression {
  /** The metrics it selects. */
  readonly metrics: readonly string[];
  /** The metrics inside of rate() and the like, with the range they are taken over. */
  readonly rates: readonly { readonly metric: string; readonly range: string }[];
  /** The matchers of each selector, such as `job=~"a"`. */
  readonly matchers: readonly (readonly string[])[];
}

const RATES = new Set(['rate', 'irate', 'increase', 'delta']);

/** Reads an expression. @throws Error where it is not PromQL */
export function readExpression(expr: string): Expression {
  const metrics: string[] = [];
  const rates: { metric: string; range: string }[] = [];
  const matchers: string[][] = [];
  const calls: string[] = [];
  let range = '';
  const entering: Record<string, (text: string) => void> = {
    FunctionIdentifier: (text) => calls.push(text),
    MatrixSelector: (text) => (range = /\[([^\]]+)\]$/.exec(text)?.[1] ?? ''),
    VectorSelector: () => matchers.push([]),
    UnquotedLabelMatcher: (text) => matchers.at(-1)?.push(text),
    Identifier: (metric) => {
      metrics.push(metric);
      if (range !== '' && RATES.has(calls.at(-1) ?? '')) rates.push({ metric, range });
    },
  };
  parser.parse(expr).iterate({
    enter: ({ name, type, from, to }) => {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${expr}`);
      entering[name]?.(expr.slice(from, to));
    },
    leave: ({ name }) => {
      if (name === 'FunctionCall') calls.pop();
      if (name === 'MatrixSelector') range = '';
    },
  });
  return { metrics, rates, matchers };
}

/** The names of the metrics of an exposition, with those that a histogram or a summary is made of. */
export function exposedMetrics(exposition: string): Set<string> {
  const names = new Set<string>();
  for (const [, name = '', type] of exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    names.add(name);
    if (type === 'histogram') names.add(`${name}_bucket`);
    if (type === 'histogram' || type === 'summary') names.add(`${name}_sum`).add(`${name}_count`);
  }
  return names;
}
