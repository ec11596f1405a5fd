import type { BlastRadius, InvalidationOptions, InvalidationResult } from '../../index.js';
import type { Call, Terminal } from '../command.js';
import { SUBJECTS } from '../commands.js';
import { bar, withProgress } from '../progress.js';
import { inSession, type Session } from '../session.js';
import { bytes, document, percent, span, table } from '../text.js';
import { flag, quoted, text, UsageError } from '../usage.js';

type Subject = (typeof SUBJECTS)[number];
type Service = Session['invalidation'];

/** How many names each subject takes. */
const NAMES: Readonly<Record<Subject, readonly [number, number]>> = {
  metric: [1, 1],
  user: [1, 1],
  agent: [1, 1],
  workspace: [1, 1],
  tag: [1, Infinity],
  key: [1, Infinity],
  pattern: [1, 1],
  all: [0, 0],
};

/** Invalidates, and waits until that is acknowledged. */
export async function invalidate(call: Call, terminal: Terminal): Promise<0 | 1> {
  const { subject, names } = wantedBy(call);
  const options = { cause: text(call, 'cause') ?? 'shadower-cache invalidate', dryRun: flag(call, 'dry-run') };
  const json = flag(call, 'json');
  return inSession(call, terminal, async (session) => {
    const start = terminal.clock.now();
    const what = [subject, ...names].join(' ');
    const line = (): string => `Invalidating ${what}: ${span(terminal.clock.now() - start)}`;
    const result = await withProgress(terminal, line, () => WAYS[subject](session.invalidation, names, options));
    if (result.blastRadius) {
      terminal.out(json ? document({ dryRun: true, ...result.blastRadius }) : shownRadius(result.blastRadius));
      return 0;
    }
    const isSwept = flag(call, 'sweep') && result.acknowledged;
    const swept = isSwept ? await sweep(session) : null;
    const { acknowledged, tags, removed } = result;
    terminal.out(
      json ? document({ dryRun: false, acknowledged, tags, removed, swept }) : shownResult(what, result, swept),
    );
    return acknowledged && (swept === null || swept.state === 'done') ? 0 : 1;
  });
}

type Way = (service: Service, names: readonly string[], options: InvalidationOptions) => Promise<InvalidationResult>;

const WAYS: Readonly<Record<Subject, Way>> = {
  metric: (service, [id = ''], options) => service.metric(id, options),
  user: (service, [id = ''], options) => service.user(id, options),
  agent: (service, [id = ''], options) => service.agent(id, options),
  workspace: (service, [id = ''], options) => service.workspace(id, options),
  tag: (service, tags, options) => service.tags(tags, options),
  key: (service, keys, options) => service.keys(keys, options),
  pattern: (service, [glob = ''], options) => service.pattern(glob, options),
  all: (service, _names, options) => service.all(options),
};

/** @throws UsageError */
function wantedBy(call: Call): { readonly subject: Subject; readonly names: readonly string[] } {
  const [said = '', ...names] = call.positionals;
  const subject = SUBJECTS.find((each) => each === said);
  if (!subject) throw new UsageError(`invalidate takes ${SUBJECTS.join(', ')}; received ${quoted(said)}.`);
  const [least, most] = NAMES[subject];
  if (names.length < least || names.length > most) {
    const wanted = most === 0 ? 'no name' : most === 1 ? 'one name' : 'one name or more';
    throw new UsageError(`invalidate ${subject} takes ${wanted}; received ${names.length}.`);
  }
  if (subject === 'all' && !flag(call, 'yes') && !flag(call, 'dry-run'))
    throw new UsageError('invalidate all takes every entry: say --yes, or --dry-run to see how many.');
  return { subject, names };
}

/** Frees the memory of what was invalidated. */
async function sweep({ invalidation, terminal, primaries }: Session): Promise<ReturnType<Service['sweepProgress']>> {
  const sizes = await Promise.all(primaries.map((server) => server.send('DBSIZE')));
  const keys = sizes.reduce<number>((sum, size) => sum + Number(size), 0);
  const line = (): string => {
    const { scanned, freed } = invalidation.sweepProgress();
    return `Sweeping ${bar(keys === 0 ? 1 : scanned / keys)} ${bytes(freed)} freed`;
  };
  return withProgress(terminal, line, () => invalidation.sweep());
}

function shownResult(
  what: string,
  { acknowledged, removed, tags }: InvalidationResult,
  swept: ReturnType<Service['sweepProgress']> | null,
): string {
  if (!acknowledged)
    return `Not acknowledged: Redis did not take all of it, or too few replicas have it. Run it again: ${what}.\n`;
  const freed = tags.length === 0 || swept !== null ? '' : ' Their memory is freed by their TTL, or by --sweep.';
  const lines = [`Invalidated ${what}; ${removed} entries removed at once.${freed}`];
  if (swept) lines.push(`The sweep is ${swept.state}: ${swept.removed} entries removed, ${bytes(swept.freed)} freed.`);
  return `${lines.join('\n')}\n`;
}

function shownRadius({ templates, entries, share, basis, bytes: size }: BlastRadius): string {
  const rows = Object.entries(templates).sort(([, a], [, b]) => b - a);
  const columns = [{ title: 'Entries', align: 'right' as const }, { title: 'Template' }];
  const named =
    rows.length === 0
      ? ''
      : table(
          columns,
          rows.map(([template, count]) => [String(count), template]),
        );
  return `${named}Would take ${entries} entries (${basis}), ${bytes(size)}, ${percent(share)} of the cache. Nothing was invalidated.\n`;
}
