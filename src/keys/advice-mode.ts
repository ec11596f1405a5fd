import { finiteNumber } from '../primitives/checks.js';
import { InvalidOptionError } from '../primitives/errors.js';
import type { Milliseconds, Seconds } from '../primitives/units.js';

/**
 * Whether it is watched how long values stay right. `off`: nothing is compared. `advise`: each load is compared with the
 * value before it, and `CacheService.advice()` tells which TTL fits. `auto`: the TTL moves there by itself, slowly and
 * inside these bounds, in seconds.
 */
export type AdviceMode = 'off' | 'advise' | { readonly auto: { readonly minTtl: Seconds; readonly maxTtl: Seconds } };

/** Between which TTLs may be moved. */
export interface TtlBounds {
  readonly min: Milliseconds;
  readonly max: Milliseconds;
}

/** {@link AdviceMode} where it is not `off`. */
export interface Advised {
  /** `undefined` where TTLs are not moved. */
  readonly bounds: TtlBounds | undefined;
}

const ONLY_ADVISED: Advised = Object.freeze({ bounds: undefined });

/** `null` for `off`. No TTL is above `longest`. @throws InvalidOptionError */
export function checkAdvice(name: string, value: unknown, longest: Seconds): Advised | null {
  if (value === 'off') return null;
  if (value === 'advise') return ONLY_ADVISED;
  const bounds = typeof value === 'object' && value !== null && 'auto' in value ? value.auto : undefined;
  if (typeof bounds !== 'object' || bounds === null)
    throw new InvalidOptionError(name, "'off', 'advise' or { auto: { minTtl, maxTtl } }", value);
  const { minTtl, maxTtl } = bounds as Partial<Record<'minTtl' | 'maxTtl', unknown>>;
  const min = finiteNumber(`minTtl of ${name}`, minTtl, { min: 0.001, max: longest });
  const max = finiteNumber(`maxTtl of ${name}`, maxTtl, { min, max: longest });
  return Object.freeze({ bounds: Object.freeze({ min: 1000 * min, max: 1000 * max }) });
}
