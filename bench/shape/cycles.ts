/** Which files import which: paths. */
export type Imports = ReadonlyMap<string, ReadonlySet<string>>;

interface Visit {
  readonly index: number;
  low: number;
  onStack: boolean;
}

/**
 * How many files the largest cycle of imports has; 0 where there is none. The largest strongly connected component, by
 * Tarjan's algorithm (R. Tarjan, Depth-first search and linear graph algorithms, 1972).
 */
export function largestCycle(imports: Imports): number {
  const visits = new Map<string, Visit>();
  const stack: string[] = [];
  let largest = 0;

  const visit = (file: string): Visit => {
    const mine: Visit = { index: visits.size, low: visits.size, onStack: true };
    visits.set(file, mine);
    stack.push(file);
    for (const imported of imports.get(file) ?? []) {
      const known = visits.get(imported);
      if (!known) mine.low = Math.min(mine.low, visit(imported).low);
      else if (known.onStack) mine.low = Math.min(mine.low, known.index);
    }
    if (mine.low === mine.index) close(file);
    return mine;
  };
  const close = (first: string): void => {
    const members = stack.splice(stack.lastIndexOf(first));
    for (const member of members) (visits.get(member) as Visit).onStack = false;
    if (members.length > 1) largest = Math.max(largest, members.length);
  };

  for (const file of imports.keys()) if (!visits.has(file)) visit(file);
  return largest;
}
