import type { WarmUpState } from '../../index.js';
import type { Call, Terminal } from '../command.js';
import { inSession } from '../session.js';
import { document, instant, span, table } from '../text.js';
import { flag } from '../usage.js';

/** How it stands with the plans of warm-ups. */
export async function warm(call: Call, terminal: Terminal): Promise<0 | 1> {
  const [wanted] = call.positionals;
  return inSession(call, terminal, async ({ cache }) => {
    const all = await cache.warmUps();
    const plans = wanted === undefined ? all : all.filter(({ plan }) => plan === wanted);
    if (flag(call, 'json')) terminal.out(document({ plans }));
    else if (plans.length > 0) terminal.out(tableOf(plans, terminal.clock.now()));
    else if (wanted === undefined)
      terminal.out('No instance has carried out a plan in the last week, nor is at one.\n');
    if (plans.length > 0 || wanted === undefined) return 0;
    terminal.err('No instance has carried out that plan in the last week, nor is at it.\n');
    return 1;
  });
}

function tableOf(plans: readonly WarmUpState[], now: number): string {
  const rows = plans.map(({ plan, doneAt, isRunning }) => [
    plan,
    isRunning ? 'under way' : doneAt === null ? 'not done' : 'done',
    doneAt === null ? '' : `${instant(doneAt)}, ${span(now - doneAt)} ago`,
  ]);
  return table(
    ['Plan', 'State', 'Done last'].map((title) => ({ title })),
    rows,
  );
}
