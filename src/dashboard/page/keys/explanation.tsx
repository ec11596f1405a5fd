import type { JSX } from 'preact';
import type { KeyDetails } from '../../contract.js';
import { ago, bytes, duration, fromNow, instant } from '../format.js';
import { StateBadge } from '../parts/badge.js';
import { Facts } from '../parts/facts.js';
import { type Column, Table } from '../parts/table.js';

type Explanation = KeyDetails['explanation'];
type Standing = Explanation['tags'][number];

interface ExplanationProps {
  readonly explanation: Explanation;
  /** As of when it is told. */
  readonly now: number;
}

/** All that is known of a key. */
export function ExplanationFacts({ explanation, now }: ExplanationProps): JSX.Element {
  const { state, template, inMemory, loadedAt, loadTook, freshUntil, keepUntil, lease, tags } = explanation;
  return (
    <div class="details">
      <Facts
        facts={{
          State: <StateBadge state={state} />,
          Template: <code>{template}</code>,
          'In memory': inMemory ? 'yes, of this instance' : 'no',
          Loaded: loadedAt === undefined ? undefined : `${instant(loadedAt, now)}, ${ago(loadedAt, now)}`,
          'Load took': loadTook === undefined ? undefined : duration(loadTook / 1000),
          'Fresh until':
            freshUntil === undefined ? undefined : `${instant(freshUntil, now)}, ${fromNow(freshUntil, now)}`,
          'Gone after': keepUntil === undefined ? undefined : `${instant(keepUntil, now)}, ${fromNow(keepUntil, now)}`,
          Size: explanation.bytes === undefined ? undefined : `${bytes(explanation.bytes)} in Redis`,
          Lease: lease === null ? 'nobody is loading it' : <code>{lease}</code>,
          'Last invalidation': <LastInvalidation explanation={explanation} now={now} />,
        }}
      />
      {tags.length > 0 && <Table label="Tags" columns={TAGS} rows={tags} id={({ tag }) => tag} />}
    </div>
  );
}

function LastInvalidation({ explanation: { lastInvalidation }, now }: ExplanationProps): JSX.Element {
  if (!lastInvalidation) return <>none that the ledger tells of</>;
  const { kind, name, cause, at } = lastInvalidation;
  return (
    <>
      {kind} <code>{name}</code>, {ago(at, now)}, by {cause}
    </>
  );
}

const TAGS: readonly Column<Standing>[] = [
  { name: 'Tag', by: ({ tag }) => tag, cell: ({ tag }) => (tag === '*' ? 'of every entry' : <code>{tag}</code>) },
  { name: 'Loaded under', cell: ({ stamped }) => <code>{stamped}</code> },
  { name: 'Generation now', cell: ({ current }) => (current === null ? 'missing' : <code>{current}</code>) },
  {
    name: 'Holds',
    cell: ({ stamped, current }) => <StateBadge state={stamped === current ? 'yes' : 'invalidated'} />,
  },
];
