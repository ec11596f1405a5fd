import type { Explanation } from '../../index.js';
import type { Call, Terminal } from '../command.js';
import { groupOf } from '../form.js';
import { inSession } from '../session.js';
import { bytes, document, facts, instant, span, table } from '../text.js';
import { flag } from '../usage.js';

/** Why a key is, or is not, served. */
export async function explain(call: Call, terminal: Terminal): Promise<0 | 1> {
  return inSession(call, terminal, async ({ cache }) => {
    const explanation = withoutVersion(await cache.explain(call.positionals[0] as string), terminal.clock.now());
    // Nothing is in the memory of this process: programs need not hear of it.
    const known = { ...explanation, inMemory: undefined };
    const now = terminal.clock.now();
    terminal.out(flag(call, 'json') ? document({ explanation: known }) : shown(explanation, now));
    if (explanation.state !== 'unknown') return 0;
    terminal.err('Redis did not answer, so nothing is known.\n');
    return 1;
  });
}

/** Versions of values are in the application: that an entry has one says nothing here. */
function withoutVersion(explanation: Explanation, now: number): Explanation {
  const { state, tags, freshUntil = 0, keepUntil = 0 } = explanation;
  if (state !== 'version') return explanation;
  const isChanged = tags.some(({ stamped, current }) => stamped !== current);
  const standing = now < freshUntil ? 'fresh' : now < keepUntil ? 'stale' : 'absent';
  return { ...explanation, state: isChanged ? 'invalidated' : standing };
}

function shown({ key, template, state, lease, tags, lastInvalidation, ...entry }: Explanation, now: number): string {
  const { age, loadTook, freshUntil, keepUntil, bytes: size } = entry;
  const known: (readonly [string, string | undefined])[] = [
    ['Key', key],
    ['Template', groupOf({ key, template })],
    ['State', state],
    ['Loaded', age === undefined ? undefined : `${instant(now - age)} (${span(age)} ago)`],
    ['Load took', loadTook === undefined ? undefined : span(loadTook)],
    ['Fresh', freshUntil === undefined ? undefined : until(freshUntil, now)],
    ['Kept', keepUntil === undefined ? undefined : until(keepUntil, now)],
    ['Size', size === undefined ? undefined : bytes(size)],
    ['Load', lease === null ? 'nobody loads it' : 'is being loaded'],
    ['Last invalidation', lastInvalidation === null ? 'none in the ledger' : told(lastInvalidation)],
  ];
  const rows = known.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]));
  if (tags.length === 0) return facts(rows);
  const standing = tags.map(({ tag, stamped, current }) => [tag, stamped, current ?? 'none', judged(stamped, current)]);
  const columns = ['Tag', 'Loaded under', 'In force', ''].map((title) => ({ title }));
  return `${facts(rows)}\n${table(columns, standing)}${unsaid(state, age)}`;
}

/** Of a value that is served: what it means that a user finds it old. */
function unsaid(state: Explanation['state'], age: number | undefined): string {
  if ((state !== 'fresh' && state !== 'stale') || age === undefined) return '';
  return '\nNothing that it carries was invalidated since it was loaded. If its source has changed since, no event said so.\n';
}

function until(at: number, now: number): string {
  return at > now ? `for ${span(at - now)}` : `until ${span(now - at)} ago`;
}

function told({ at, kind, name, cause, origin }: NonNullable<Explanation['lastInvalidation']>): string {
  return `${instant(at)} ${kind} ${name} (${cause}) by ${origin}`;
}

function judged(stamped: string, current: string | null): string {
  return stamped === current ? 'valid' : 'changed';
}
