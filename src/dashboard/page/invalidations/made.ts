import type { LiveInvalidation, Routes } from '../../contract.js';

type Past = Routes['history']['answer'][number];
/** One that came while the page was open tells more. */
type Told = Past & Partial<LiveInvalidation>;

/** What one record of the ledger says of one kind, for one cause. */
export interface Made {
  readonly id: string;
  readonly at: number;
  readonly kind: Past['kind'];
  readonly cause: string;
  readonly origin: string;
  readonly names: readonly string[];
  /** Entries in the memory of this instance; `undefined` where nobody has counted. */
  readonly inMemory: number | undefined;
  /** `null`: cannot be told. `undefined`: was not told. */
  readonly templates: readonly string[] | null | undefined;
}

/** Those that came and those of the ledger, each once, newest first; what was made together is one. */
export function made(live: readonly LiveInvalidation[], past: readonly Past[]): readonly Made[] {
  const groups = new Map<string, Map<string, Told>>();
  for (const told of [...live, ...past]) {
    const id = `${told.id} ${told.kind} ${told.cause}`;
    const group = groups.get(id) ?? new Map<string, Told>();
    groups.set(id, group);
    if (!group.has(told.name)) group.set(told.name, told);
  }
  return [...groups].flatMap(([id, group]) => madeOf(id, [...group.values()])).sort((a, b) => b.at - a.at);
}

function madeOf(id: string, all: readonly Told[]): Made[] {
  const [first] = all;
  if (!first) return [];
  const { at, kind, cause, origin } = first;
  const counts = all.flatMap(({ inMemory }) => inMemory ?? []);
  const inMemory = counts.length === 0 ? undefined : counts.reduce((sum, number) => sum + number, 0);
  return [{ id, at, kind, cause, origin, names: all.map(({ name }) => name), inMemory, templates: templatesOf(all) }];
}

function templatesOf(all: readonly Told[]): Made['templates'] {
  if (all.every(({ templates }) => templates === undefined)) return undefined;
  if (all.some(({ templates }) => templates === null)) return null;
  return [...new Set(all.flatMap(({ templates }) => templates ?? []))];
}
