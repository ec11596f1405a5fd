import { stringify } from 'yaml';
import { inSandbox, run } from '../../guards/sandbox.js';
import { ALERTS, RULE_FILES } from './rules.js';
import { toolPath } from './tools.js';

/** Values by series, in promtool's notation: `0+60x60` is sixty steps of 60, one a minute. */
export type Series = Readonly<Record<string, string>>;

/** What an alert should do with some series. */
export interface Situation {
  readonly alert: string;
  readonly series: Series;
  /** When to look, such as `30m`. */
  readonly at: string;
  /** The labels, but for the severity, and the summary of the alert that fires; none does where it is left out. */
  readonly fires?: { readonly labels: Readonly<Record<string, string>>; readonly summary: string };
}

/** What promtool says is wrong, by the name of the situation. One run for all of them. */
export async function alertFaults(situations: Readonly<Record<string, Situation>>): Promise<Map<string, string>> {
  const tests = Object.entries(situations).map(([name, { alert, series, at, fires }]) => {
    const rule = ALERTS.find((candidate) => candidate.alert === alert);
    const expected = fires && {
      exp_labels: { ...rule?.labels, ...fires.labels },
      exp_annotations: { ...rule?.annotations, summary: fires.summary },
    };
    const check = { alertname: alert, eval_time: at, exp_alerts: expected ? [expected] : [] };
    return { name, interval: '1m', input_series: inputs(series), alert_rule_test: [check] };
  });
  const output = await promtool(tests);
  const faults = output.split(/^ {4}name: /m).slice(1);
  if (output !== '' && faults.length === 0) throw new Error(output);
  return new Map(faults.map((text) => [text.slice(0, text.indexOf(',\n')), text]));
}

/** What promtool says is wrong with the samples that an expression gives, by series. */
export function expressionFaults(
  expr: string,
  { series, at, gives }: { series: Series; at: string; gives: Readonly<Record<string, number>> },
): Promise<string> {
  const samples = Object.entries(gives).map(([labels, value]) => ({ labels, value }));
  const check = { expr, eval_time: at, exp_samples: samples };
  return promtool([{ interval: '1m', input_series: inputs(series), promql_expr_test: [check] }]);
}

function inputs(series: Series): object[] {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }));
}

/** Its output where a test fails, else nothing. */
async function promtool(tests: readonly object[]): Promise<string> {
  const file = stringify({ rule_files: RULE_FILES, evaluation_interval: '1m', tests });
  return inSandbox([], { 'test.yml': file }, async ({ directory }) => {
    const { code, output } = await run(directory, toolPath('promtool'), ['test', 'rules', 'test.yml']);
    return code === 0 ? '' : output;
  });
}
