import type { Milliseconds } from '../../index.js';
import type { Call, Terminal } from '../command.js';
import { tableOfRecords } from '../records.js';
import { inSession } from '../session.js';
import { document } from '../text.js';
import { flag, quoted, text, UsageError, wholeNumber } from '../usage.js';

/** What was invalidated. */
export async function history(call: Call, terminal: Terminal): Promise<0 | 1> {
  const limit = wholeNumber(call, 'limit', { min: 1, max: 10_000, otherwise: 100 });
  const since = instantOf(text(call, 'since'), terminal.clock.now());
  const [tag, key] = [text(call, 'tag'), text(call, 'key')];
  return inSession(call, terminal, async ({ invalidation }) => {
    const asked = { limit, ...(since !== undefined && { since }), ...(tag !== undefined && { tag }) };
    const records = await invalidation.history({ ...asked, ...(key !== undefined && { key }) });
    terminal.out(flag(call, 'json') ? document({ records }) : tableOfRecords(records));
    return 0;
  });
}

const UNITS: Readonly<Record<string, Milliseconds>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function instantOf(said: string | undefined, now: Milliseconds): Milliseconds | undefined {
  if (said === undefined) return undefined;
  const [, count, unit] = /^(\d{1,6})(d|h|m|s)$/.exec(said) ?? [];
  if (count !== undefined && unit !== undefined) return Math.max(0, now - Number(count) * (UNITS[unit] as number));
  const at = /^\d{4}-\d{2}-\d{2}/.test(said) ? Date.parse(said) : NaN;
  if (at >= 0) return at;
  throw new UsageError(
    `--since must be 30s, 5m, 2h, 7d, or an instant such as 2026-11-23T06:00:00Z; received ${quoted(said)}.`,
  );
}
