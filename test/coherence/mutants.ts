import { type Implementations, IMPLEMENTATIONS } from '../../src/cache/cache-runtime.js';

export function implementationsOf(mutant: string | undefined): Implementations {
  if (mutant === undefined) return IMPLEMENTATIONS;
  throw new Error(mutant);
}
