import type { StoredEntry } from '../../index.js';
import type { Call, Terminal } from '../command.js';
import { inSession, type Session } from '../session.js';
import { bytes, document, printable, span } from '../text.js';
import { flag, wholeNumber } from '../usage.js';

/** Keys with their state, age and size. */
export async function keys(call: Call, terminal: Terminal): Promise<0 | 1> {
  const limit = wholeNumber(call, 'limit', { min: 1, max: 1_000_000, otherwise: 100 });
  const [glob] = call.positionals;
  return inSession(call, terminal, async (session) => {
    if (flag(call, 'json')) {
      const { found, isWhole } = await collect(session, glob, limit, () => undefined);
      terminal.out(document({ keys: found, more: !isWhole }));
      return 0;
    }
    const now = terminal.clock.now();
    terminal.out(`${row(['State', 'Age', 'Fresh for', 'Size', 'Tags'])}  Key\n`);
    const { found, isWhole } = await collect(session, glob, limit, (page) => {
      terminal.out(page.map((entry) => lineOf(entry, now)).join(''));
    });
    terminal.err(
      isWhole
        ? `${found.length} ${found.length === 1 ? 'key' : 'keys'}.\n`
        : `${found.length} keys, and there are more: --limit.\n`,
    );
    return 0;
  });
}

interface Collected {
  readonly found: readonly StoredEntry[];
  readonly isWhole: boolean;
}

/** Each key once, a page at a time, up to the limit. */
async function collect(
  { cache }: Session,
  glob: string | undefined,
  limit: number,
  show: (page: readonly StoredEntry[]) => void,
): Promise<Collected> {
  const found = new Map<string, StoredEntry>();
  for await (const page of cache.entries(glob)) {
    const fresh = page.filter(({ key }) => !found.has(key));
    const shown = fresh.slice(0, limit - found.size);
    for (const entry of shown) found.set(entry.key, entry);
    show(shown);
    if (shown.length < fresh.length) return { found: [...found.values()], isWhole: false };
  }
  return { found: [...found.values()], isWhole: true };
}

const WIDTHS = [11, 8, 9, 8, 4];

/** Columns of a fixed width: a page is shown before the next is known. */
function row(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[i] as number) : cell.padStart(WIDTHS[i] as number)))
    .join('  ');
}

function lineOf(entry: StoredEntry, now: number): string {
  const { key, state, tags, loadedAt, freshUntil } = entry;
  const cells = [
    state,
    loadedAt === undefined ? '' : span(now - loadedAt),
    freshUntil === undefined || state !== 'fresh' ? '' : span(freshUntil - now),
    bytes(entry.bytes),
    String(tags.length),
  ];
  return `${row(cells)}  ${printable(key)}\n`;
}
