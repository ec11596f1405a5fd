/** Negative, zero or positive as the stream id `a` is before, equal to or after `b`. */
export function compareIds(a: string, b: string): number {
  const [aTime, aNumber] = a.split('-', 2).map(Number) as [number, number];
  const [bTime, bNumber] = b.split('-', 2).map(Number) as [number, number];
  return aTime - bTime || aNumber - bNumber;
}
