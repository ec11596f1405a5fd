import type { StoredEntry } from '../../index.js';
import type { Call, Terminal } from '../command.js';
import { ORDERS } from '../commands.js';
import { groupOf } from '../form.js';
import { groupsOf } from '../groups.js';
import { type Sample, sampleOf, sampleSize } from '../sample.js';
import { inSession } from '../session.js';
import { bytes, document, percent, span, table } from '../text.js';
import { choice, flag, wholeNumber } from '../usage.js';

/** How entries are ordered, by each of the words but `template`. */
const MEASURES = {
  bytes: (entry: StoredEntry) => entry.bytes,
  tags: (entry: StoredEntry) => entry.tags.length,
  load: (entry: StoredEntry) => entry.loadTook ?? 0,
};

/** The entries that stand out. */
export async function top(call: Call, terminal: Terminal): Promise<0 | 1> {
  const by = choice(call, 'by', ORDERS);
  const limit = wholeNumber(call, 'limit', { min: 1, max: 10_000, otherwise: 10 });
  const size = sampleSize(call);
  return inSession(call, terminal, async (session) => {
    const sample = await sampleOf(session, size);
    const { basis, entries } = sample;
    const groups = by === 'template' ? groupsOf(sample).slice(0, limit) : undefined;
    const found = by === 'template' ? [] : highest(entries, MEASURES[by], limit);
    if (flag(call, 'json')) {
      const rows = groups ?? found;
      terminal.out(document({ by, looked: entries.length, basis, rows }));
      return 0;
    }
    terminal.out(groups ? tableOfGroups(groups) : tableOf(found));
    terminal.err(footer(sample));
    return 0;
  });
}

function highest(
  entries: readonly StoredEntry[],
  measure: (entry: StoredEntry) => number,
  limit: number,
): StoredEntry[] {
  return entries.toSorted((a, b) => measure(b) - measure(a)).slice(0, limit);
}

function tableOf(entries: readonly StoredEntry[]): string {
  const columns = [
    ...[
      { title: 'Size', align: 'right' as const },
      { title: 'Tags', align: 'right' as const },
    ],
    ...[{ title: 'Load', align: 'right' as const }, { title: 'State' }, { title: 'Template' }, { title: 'Key' }],
  ];
  const rows = entries.map((entry) => [
    ...[bytes(entry.bytes), String(entry.tags.length), entry.loadTook === undefined ? '' : span(entry.loadTook)],
    ...[entry.state, groupOf(entry), entry.key],
  ]);
  return table(columns, rows);
}

function tableOfGroups(groups: ReturnType<typeof groupsOf>): string {
  const columns = [
    ...[
      { title: 'Entries', align: 'right' as const },
      { title: 'Share', align: 'right' as const },
    ],
    ...[{ title: 'Size', align: 'right' as const }, { title: 'Template' }],
  ];
  return table(
    columns,
    groups.map(({ template, entries, share, bytes: size }) => [
      ...[String(entries), percent(share), bytes(size), template],
    ]),
  );
}

/** What was looked at, for people. */
export function footer({ entries, basis }: Sample): string {
  return basis === 'counted'
    ? `All ${entries.length} entries were looked at.\n`
    : `${entries.length} entries were looked at; there are more: --sample.\n`;
}
