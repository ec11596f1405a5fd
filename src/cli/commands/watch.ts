import type { AnyCacheEvent, HistoryEntry } from '../../index.js';
import type { Call, Terminal } from '../command.js';
import { inSession } from '../session.js';
import { instant, printable } from '../text.js';
import { flag } from '../usage.js';

/** Invalidations as they happen. */
export async function watch(call: Call, terminal: Terminal): Promise<0 | 1> {
  const shown = flag(call, 'json') ? (record: HistoryEntry) => JSON.stringify(record) : lineOf;
  return inSession(call, terminal, async ({ invalidation, events, target, prefix, name }) => {
    const interrupted = new AbortController();
    terminal.onInterrupt(() => interrupted.abort());
    const records = await invalidation.watch(interrupted.signal);
    const unsubscribe = events.subscribe((event, cache) => {
      // The connection is told of by the default one.
      if (cache !== name && event.type !== 'connection.retrying' && event.type !== 'connection.ready') return;
      const trouble = troubleIn(event);
      if (trouble !== undefined) terminal.err(`${trouble}\n`);
    });
    terminal.err(`Following the ledger of ${prefix} at ${target}; Ctrl-C ends.\n`);
    for await (const record of records) terminal.out(`${shown(record)}\n`);
    unsubscribe();
    return 0;
  });
}

function lineOf({ at, kind, name, cause, origin }: HistoryEntry): string {
  return printable(`${instant(at)}  ${kind.padEnd(10)}  ${name}  (${cause})  by ${origin}`);
}

/** What may be missing, and why. */
function troubleIn(event: AnyCacheEvent): string | undefined {
  if (event.type === 'ledger.gap') return `The ledger was ${event.why}: records may be missing here.`;
  if (event.type === 'connection.retrying' && event.attempt === 1)
    return `Redis is away (${event.failure}); trying again.`;
  if (event.type === 'connection.ready') return 'Redis is back.';
  return undefined;
}
