import type { Call, Terminal } from '../command.js';
import { type Group, groupsOf } from '../groups.js';
import { hitRatioAt, type HitRatio } from '../hit-ratio.js';
import { type Stream, type Surroundings, surroundingsOf } from '../surroundings.js';
import { type Sample, sampleOf, sampleSize } from '../sample.js';
import { inSession, type Session } from '../session.js';
import { bytes, document, facts, percent, span, table } from '../text.js';
import { flag, httpUrl } from '../usage.js';

/** What is in the cache, and around it. */
export async function stats(call: Call, terminal: Terminal): Promise<0 | 1> {
  const size = sampleSize(call);
  const metricsUrl = httpUrl(call, 'metrics-url');
  return inSession(call, terminal, async (session) => {
    const sample = await sampleOf(session, size);
    const surroundings = await surroundingsOf(session);
    const hitRatio = metricsUrl === undefined ? undefined : await hitRatioAt(metricsUrl, terminal.clock);
    const [ratio, trouble] = typeof hitRatio === 'string' ? [undefined, hitRatio] : [hitRatio, undefined];
    const answer = { session, sample, groups: groupsOf(sample), surroundings, ratio };
    terminal.out(flag(call, 'json') ? forMachines(answer) : forPeople(answer, terminal.clock.now()));
    if (trouble === undefined) return 0;
    terminal.err(`${trouble}\n`);
    return 1;
  });
}

interface Answer {
  readonly session: Session;
  readonly sample: Sample;
  readonly groups: readonly Group[];
  readonly surroundings: Surroundings;
  readonly ratio: HitRatio | undefined;
}

function forMachines({ session: { target, prefix }, sample, groups, surroundings, ratio }: Answer): string {
  const { basis, entries } = sample;
  const total = { looked: entries.length, basis, ...totalOf(groups) };
  return document({ target, prefix, entries: total, templates: groups, ...surroundings, hitRatio: ratio ?? null });
}

function forPeople({ session, sample, groups, surroundings, ratio }: Answer, now: number): string {
  const { memory, ledger, announcements, caches, generations, followers, writers } = surroundings;
  const { count, bytes: size } = totalOf(groups);
  const about = sample.basis === 'counted' ? '' : `, estimated from ${sample.entries.length}`;
  const rows: [string, string][] = [
    ['Entries', `${count}, ${bytes(size)}${about}`],
    ['Memory', memory === null ? 'INFO is refused to this user' : memoryShown(memory)],
    ['Ledger', ledger === null ? 'none, or it may not be asked' : streamShown(ledger, now)],
    ['Announced', announcements === null ? 'nothing, or it may not be asked' : streamShown(announcements, now)],
    ['Named caches', caches.length === 0 ? 'none' : `${caches.join(', ')}: --cache NAME`],
    ['Tags', `${generations.atLeast ? 'at least ' : ''}${generations.count} with a generation`],
    ['Instances', `${instancesShown(followers)}; ${writers} invalidated something in the last hour`],
    ['Hit ratio', ratio === undefined ? 'said by the application: --metrics-url' : ratioShown(ratio)],
  ];
  const heading = `Redis at ${session.target}, prefix ${session.prefix}\n`;
  return [heading, ...(groups.length > 0 ? [tableOf(groups)] : []), facts(rows)].join('\n');
}

function totalOf(groups: readonly Group[]): { readonly count: number; readonly bytes: number } {
  return {
    count: groups.reduce((sum, { entries }) => sum + entries, 0),
    bytes: groups.reduce((sum, group) => sum + group.bytes, 0),
  };
}

function tableOf(groups: readonly Group[]): string {
  const right = (title: string): { readonly title: string; readonly align: 'right' } => ({ title, align: 'right' });
  const columns = [
    ...[{ title: 'Template' }, right('Entries'), right('Share'), right('Size')],
    ...[right('Fresh'), right('Stale'), right('Invalidated'), right('Median load')],
  ];
  const rows = groups.map(({ template, entries, share, bytes: size, states, medianLoad }) => [
    ...[template, String(entries), percent(share), bytes(size)],
    ...[states.fresh, states.stale, states.invalidated].map((count) => String(count ?? 0)),
    medianLoad === null ? '' : span(medianLoad),
  ]);
  return table(columns, rows);
}

function memoryShown({ used, limit, policy }: NonNullable<Surroundings['memory']>): string {
  return `${bytes(used)} of ${limit === 0 ? 'no limit' : bytes(limit)}, ${policy}`;
}

function streamShown({ length, appended, lastAt }: Stream, now: number): string {
  return `${length} records, ${appended} ever written, the last ${span(now - lastAt)} ago`;
}

function instancesShown(followers: number | null): string {
  return followers === null ? 'CLIENT LIST is refused to this user' : `${followers} follow a ledger on this Redis`;
}

function ratioShown({ ratio, hits, misses }: HitRatio): string {
  return ratio === null ? 'no reads yet' : `${percent(ratio)} of ${hits + misses} reads`;
}
