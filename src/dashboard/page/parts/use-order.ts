import { useState } from 'preact/hooks';

/** Which column rows are sorted by. */
export interface Order {
  readonly name: string | undefined;
  readonly isDown: boolean;
}

interface Sortable<Row> {
  readonly name: string;
  readonly by?: (row: Row) => number | string;
}

/** Rows as the visitor wants them sorted; unsorted ones stay as they come. */
export function useOrder<Row>(
  rows: readonly Row[],
  columns: readonly Sortable<Row>[],
  first: string | undefined,
): { sorted: readonly Row[]; order: Order; sortBy: (name: string) => void } {
  const [order, setOrder] = useState<Order>({ name: first, isDown: true });
  const by = columns.find(({ name }) => name === order.name)?.by;
  const sortBy = (name: string): void => {
    setOrder((before) => ({ name, isDown: before.name === name ? !before.isDown : true }));
  };
  return { sorted: by ? rows.toSorted(comparison(by, order.isDown ? -1 : 1)) : rows, order, sortBy };
}

/** Text goes from A to Z where numbers go from large to small. */
function comparison<Row>(by: (row: Row) => number | string, sign: number): (a: Row, b: Row) => number {
  return (a, b) => {
    const [left, right] = [by(a), by(b)];
    if (typeof left === 'string' || typeof right === 'string') return -sign * String(left).localeCompare(String(right));
    return sign * (left - right);
  };
}
