// What V8 takes on a 64-bit machine without compressed pointers, as Node is built.
const SLOT = 8;
const OBJECT = 3 * SLOT;
const ARRAY = 6 * SLOT;
const TEXT = 2 * SLOT;
const BOXED_NUMBER = 2 * SLOT;
// Objects of a few properties share their names with others of their kind. One of many is most often a table by id, whose
// names are its own, and so is each step of its layout.
const MOST_FIELDS = 40;
const OWN_NAME = 14 * SLOT;
const LARGEST_UNBOXED = 2 ** 31 - 1;

// V8 knows whether a text has one byte for each character or two, and answers for the former without reading it.
const WIDE = /[^\0-\xff]/;

/**
 * Bytes of heap that a JSON value takes, about: its text tells little, as names of properties are shared, and numbers and
 * lists take more than their digits. Walks with a stack of its own, so that no nesting overflows. `seen` is for what a
 * schema has made of it, which may lead back to itself: the walk would not end.
 */
export function heapSizeOf(value: unknown, seen?: Set<object>): number {
  const pending: object[] = [];
  let bytes = sizeOf(value, pending);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen?.has(next)) continue;
    seen?.add(next);
    if (ArrayBuffer.isView(next)) bytes += next.byteLength;
    else if (Array.isArray(next)) for (const item of next) bytes += sizeOf(item, pending);
    else bytes += propertiesSize(next as Readonly<Record<string, unknown>>, pending);
  }
  return bytes;
}

function propertiesSize(object: Readonly<Record<string, unknown>>, pending: object[]): number {
  const names = Object.keys(object);
  const each = names.length > MOST_FIELDS ? OWN_NAME : SLOT;
  let bytes = each * names.length;
  for (const name of names) bytes += sizeOf(object[name], pending);
  return bytes;
}

/** A value beyond its slot; an object or a list without what is in it, which is put off. */
function sizeOf(value: unknown, pending: object[]): number {
  if (typeof value === 'string') return textSize(value);
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) <= LARGEST_UNBOXED ? 0 : BOXED_NUMBER;
  if (typeof value !== 'object' || value === null) return 0;
  pending.push(value);
  return Array.isArray(value) ? ARRAY + SLOT * value.length : OBJECT;
}

/** Bytes of heap that a text takes. */
export function textSize(text: string): number {
  const bytes = WIDE.test(text) ? 2 * text.length : text.length;
  return TEXT + SLOT * Math.ceil(bytes / SLOT);
}
