import type { LiveInvalidation, Routes } from '../../contract.js';
import { counted, instant, UNKNOWN } from '../format.js';
import { Badge } from '../parts/badge.js';
import type { Column } from '../parts/table.js';

type Past = Routes['history']['answer'][number];
/** One that came while the page was open tells more. */
type Row = Past & Partial<LiveInvalidation>;

/** Those that came and those of the ledger, each once, newest first. */
export function joined(live: readonly LiveInvalidation[], past: readonly Past[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const row of [...live, ...past]) {
    const id = `${row.id} ${row.kind} ${row.name}`;
    if (!rows.has(id)) rows.set(id, row);
  }
  return [...rows.values()].sort((a, b) => b.at - a.at);
}

/** The columns of invalidations. */
export function columnsAt(now: number): Column<Row>[] {
  return [
    { name: 'Time', cell: ({ at }) => <time dateTime={new Date(at).toISOString()}>{instant(at, now)}</time> },
    { name: 'Kind', cell: ({ kind }) => <Badge tone={kind === 'everything' ? 'bad' : 'quiet'}>{kind}</Badge> },
    { name: 'What', cell: ({ name }) => <code>{name}</code> },
    { name: 'Cause', cell: ({ cause }) => cause },
    { name: 'Blast radius', hint: 'In the memory of this instance', cell: blastRadius },
    { name: 'Templates', hint: 'By the rules of coverage', cell: ({ templates }) => templatesOf(templates) },
    { name: 'Instance', cell: ({ origin, isOwn }) => (isOwn ? 'this one' : <code>{origin}</code>) },
  ];
}

function blastRadius({ inMemory }: Row): string {
  return inMemory === undefined || inMemory === null ? UNKNOWN : counted(inMemory, 'entry', 'entries');
}

function templatesOf(templates: Row['templates']): string {
  if (templates === undefined) return UNKNOWN;
  if (templates === null) return 'all, or cannot be told';
  return templates.length === 0 ? 'none' : templates.join(', ');
}
