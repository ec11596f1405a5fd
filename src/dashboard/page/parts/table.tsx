import type { ComponentChildren, JSX } from 'preact';
import { Scroll } from './scroll.js';
import { type Order, useOrder } from './use-order.js';

/** One column: what it shows of a row, and what it is sorted by. */
export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly by?: (row: Row) => number | string;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  /** What the heading means, where that is not plain. */
  readonly hint?: string;
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly id: (row: Row) => string;
  /** The column it is sorted by at first, the largest first. */
  readonly first?: string;
  /** What is shown below a row that is open. */
  readonly below?: (row: Row) => ComponentChildren;
}

/** A table whose first column names the row; headings sort it. */
export function Table<Row>({ label, columns, rows, id, first, below }: TableProps<Row>): JSX.Element {
  const { sorted, order, sortBy } = useOrder(rows, columns, first);
  return (
    <Scroll label={label}>
      <table>
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.name} column={column} order={order} sortBy={sortBy} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <Cells key={id(row)} row={row} columns={columns} below={below?.(row)} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface HeadingProps<Row> {
  readonly column: Column<Row>;
  readonly order: Order;
  readonly sortBy: (name: string) => void;
}

function Heading<Row>({ column: { name, by, hint, isNumber }, order, sortBy }: HeadingProps<Row>): JSX.Element {
  const direction = order.name !== name ? undefined : order.isDown ? 'descending' : 'ascending';
  return (
    <th scope="col" class={isNumber ? 'number' : undefined} aria-sort={direction} title={hint}>
      {by ? (
        <button type="button" class="sort" onClick={() => sortBy(name)}>
          {name}
          <span aria-hidden="true">{direction ? (order.isDown ? ' ↓' : ' ↑') : ''}</span>
        </button>
      ) : (
        name
      )}
    </th>
  );
}

interface CellsProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly below: ComponentChildren;
}

function Cells<Row>({ row, columns, below }: CellsProps<Row>): JSX.Element {
  const [head, ...rest] = columns;
  return (
    <>
      <tr>
        <th scope="row">{head?.cell(row)}</th>
        {rest.map(({ name, cell, isNumber }) => (
          <td key={name} class={isNumber ? 'number' : undefined}>
            {cell(row)}
          </td>
        ))}
      </tr>
      {below != null && below !== false && (
        <tr class="below">
          <td colSpan={columns.length}>{below}</td>
        </tr>
      )}
    </>
  );
}
