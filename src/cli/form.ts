import { type Entity, ENTITIES, isTimeframe, type StoredEntry } from '../index.js';

/** Numbers, and long names with digits: ids of rows, UUIDs, hashes. */
const ID = /^\d+$|^(?=.*\d)[\w.-]{8,}$/;

/** What entries are counted under: their template, or the form of their key, which is a glob with `*` for ids and timeframes. */
export function groupOf({ key, template }: Pick<StoredEntry, 'key' | 'template'>): string {
  return template === 'other' ? formOf(key) : template;
}

/** `metric:cpu:user:123:30d` is of the form `metric:*:user:*:*`. */
function formOf(key: string): string {
  const segments = key.split(':');
  const isId = (segment: string, i: number): boolean =>
    i > 0 && (ENTITIES.includes(segments[i - 1] as Entity) || ID.test(segment) || isTimeframe(segment));
  return segments.map((segment, i) => (isId(segment, i) ? '*' : segment)).join(':');
}
