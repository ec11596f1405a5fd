import type { Seconds, TemplateAdvice } from '../../index.js';
import type { Call, Terminal } from '../command.js';
import { inSession } from '../session.js';
import { document, percent, span, table } from '../text.js';
import { flag } from '../usage.js';

/** Which TTL fits each template, by what the instances have written. */
export async function advise(call: Call, terminal: Terminal): Promise<0 | 1> {
  return inSession(call, terminal, async ({ cache }) => {
    const advice = await cache.advice();
    if (flag(call, 'json')) {
      terminal.out(document({ advice }));
      return 0;
    }
    terminal.out(advice.length === 0 ? NOTHING : `${tableOf(advice)}\n${reasonsOf(advice)}`);
    return 0;
  });
}

const NOTHING = `No instance has written any yet. Templates with advice: 'advise' or { auto: … } are watched, see docs/ttl-advice.md.\n`;

function tableOf(advice: readonly TemplateAdvice[]): string {
  const right = (title: string): { readonly title: string; readonly align: 'right' } => ({ title, align: 'right' });
  const columns = [
    ...[{ title: 'Template' }, { title: 'Mode' }, right('TTL'), right('Advised'), right('Grace'), right('Ahead')],
    ...[right('Compared'), right('Changed'), right('Stale now'), right('Then'), right('Loads saved')],
  ];
  const rows = advice.map(({ template, mode, ttl, recommended, observations, changes, staleShare }) => [
    ...[template, mode, shown(ttl), shown(recommended?.ttl), shown(recommended?.grace)],
    ...[recommended ? String(recommended.refreshAhead) : '', String(observations), String(changes)],
    ...[staleShare, recommended?.staleShare, recommended?.loadsSaved].map((share) =>
      typeof share === 'number' ? percent(share) : '',
    ),
  ]);
  return table(columns, rows);
}

function shown(duration: Seconds | undefined): string {
  return duration === undefined ? '' : span(1_000 * duration);
}

function reasonsOf(advice: readonly TemplateAdvice[]): string {
  return table(
    [{ title: 'Template' }, { title: 'Why' }],
    advice.map(({ template, reason }) => [template, reason]),
  );
}
