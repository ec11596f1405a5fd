import type { JSX } from 'preact';
import { counted, instant, UNKNOWN } from '../format.js';
import { Badge } from '../parts/badge.js';
import { Name } from '../parts/name.js';
import type { Column } from '../parts/table.js';
import type { Made } from './made.js';

interface Surroundings {
  readonly now: number;
  /** This instance. */
  readonly origin: string;
  /** The one whose names are all shown. */
  readonly open: string | null;
  readonly toggle: (id: string) => void;
}

/** The columns of invalidations. */
export function columnsOf({ now, origin, open, toggle }: Surroundings): Column<Made>[] {
  return [
    { name: 'Time', cell: ({ at }) => <time dateTime={new Date(at).toISOString()}>{instant(at, now)}</time> },
    { name: 'Kind', cell: ({ kind }) => <Badge tone={kind === 'everything' ? 'bad' : 'quiet'}>{kind}</Badge> },
    { name: 'What', cell: (row) => <Names row={row} isOpen={open === row.id} toggle={toggle} /> },
    { name: 'Cause', cell: ({ cause }) => <span class="cause">{cause}</span> },
    {
      name: 'Blast radius',
      hint: 'In the memory of this instance; a dry run tells of Redis too',
      isNumber: true,
      cell: ({ inMemory }) => (inMemory === undefined ? UNKNOWN : counted(inMemory, 'entry', 'entries')),
    },
    { name: 'Templates', hint: 'By the rules of coverage', cell: templatesOf },
    { name: 'Instance', cell: (row) => (row.origin === origin ? 'this one' : <code>{row.origin}</code>) },
  ];
}

interface NamesProps {
  readonly row: Made;
  readonly isOpen: boolean;
  readonly toggle: (id: string) => void;
}

/** One name is shown; several are behind a button. */
function Names({ row: { id, names, kind }, isOpen, toggle }: NamesProps): JSX.Element {
  const [first = '', ...rest] = names;
  if (kind === 'everything') return <>every entry</>;
  if (rest.length === 0) return <Name>{first}</Name>;
  return (
    <>
      <button type="button" class="row" aria-expanded={isOpen} onClick={() => toggle(id)}>
        <span>
          <Name>{first}</Name> <span class="aside">and {counted(rest.length, kind)} more</span>
        </span>
      </button>
      {isOpen && (
        <ul class="names">
          {rest.map((name) => (
            <li key={name}>
              <Name>{name}</Name>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function templatesOf({ templates, kind }: Made): JSX.Element {
  if (kind === 'everything') return <>all</>;
  if (templates === undefined) return <>{UNKNOWN}</>;
  if (templates === null) return <span class="aside">cannot be told</span>;
  if (templates.length === 0) return <span class="aside">none</span>;
  return (
    <span class="codes">
      {templates.map((template) => (
        <Name key={template}>{template}</Name>
      ))}
    </span>
  );
}
