import type { Table } from './table.js';

/** A cache, the packages that were installed for it and what it was given. */
export interface SetUp {
  readonly title: string;
  readonly installed: string;
  readonly options: string;
}

export function setUpsTable(setUps: readonly SetUp[]): Table {
  return [
    ['', 'installed', 'set up with'],
    ...setUps.map(({ title, installed, options }) => [title, installed, options]),
  ];
}
