import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { bytes, counted } from '../format.js';
import { moveByArrows } from '../parts/arrow-rows.js';
import { StateBadge } from '../parts/badge.js';
import { type Branch, type Entry, treeOf } from './key-tree.js';

/** So many of one branch are shown at once. */
const AT_ONCE = 100;

interface TreeProps {
  readonly entries: readonly Entry[];
  readonly chosen: string | null;
  readonly onChoose: (key: string) => void;
}

/** Keys by their segments. */
export function Tree({ entries, chosen, onChoose }: TreeProps): JSX.Element {
  const tree = useMemo(() => treeOf(entries), [entries]);
  return (
    <div class="tree" onKeyDown={moveByArrows}>
      <Inside branch={tree} depth={0} chosen={chosen} onChoose={onChoose} />
    </div>
  );
}

interface InsideProps extends Omit<TreeProps, 'entries'> {
  readonly branch: Branch;
  readonly depth: number;
}

function Inside({ branch, depth, chosen, onChoose }: InsideProps): JSX.Element {
  const [limit, setLimit] = useState(AT_ONCE);
  const { branches, entries, path } = branch;
  const hidden = branches.length + entries.length - limit;
  return (
    <ul>
      {branches.slice(0, limit).map((each) => (
        <Group key={each.path} branch={each} depth={depth} chosen={chosen} onChoose={onChoose} />
      ))}
      {entries.slice(0, Math.max(0, limit - branches.length)).map((entry) => (
        <Leaf key={entry.key} entry={entry} path={path} chosen={chosen} onChoose={onChoose} />
      ))}
      {hidden > 0 && (
        <li>
          <button type="button" class="row more" onClick={() => setLimit(limit + AT_ONCE)}>
            {counted(hidden, 'more')}
          </button>
        </li>
      )}
    </ul>
  );
}

function Group({ branch, depth, ...rest }: InsideProps): JSX.Element {
  const [isOpen, setOpen] = useState(depth === 0 && branch.size <= AT_ONCE);
  return (
    <li>
      <button type="button" class="row group" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <code>{branch.name}</code>
        <span class="size">{counted(branch.size, 'key')}</span>
      </button>
      {isOpen && <Inside branch={branch} depth={depth + 1} {...rest} />}
    </li>
  );
}

interface LeafProps extends Omit<TreeProps, 'entries'> {
  readonly entry: Entry;
  readonly path: string;
}

function Leaf({ entry, path, chosen, onChoose }: LeafProps): JSX.Element {
  return (
    <li>
      <button type="button" class="row leaf" aria-current={chosen === entry.key} onClick={() => onChoose(entry.key)}>
        <code>
          <span class="unseen">{path}</span>
          {entry.key.slice(path.length)}
        </code>
        <StateBadge state={entry.state} />
        <span class="size">{bytes(entry.bytes)}</span>
      </button>
    </li>
  );
}
