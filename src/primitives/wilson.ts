/** A share that was counted in a sample, with the bounds between which that of the whole is with 95 % confidence. */
export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** The standard normal deviate that leaves 2.5 % above it. */
const Z = 1.959_964;

/**
 * The share of `part` in `whole`, with Wilson's interval; `undefined` of nothing. Unlike the one made of the standard
 * deviation it is of use where the share is 0 or the sample small. (E. B. Wilson, Probable Inference, the Law of
 * Succession, and Statistical Inference, Journal of the American Statistical Association 22, 1927.)
 */
export function ratioOf(part: number, whole: number): Ratio | undefined {
  if (whole === 0) return undefined;
  const ratio = part / whole;
  const scale = 1 + Z ** 2 / whole;
  const centre = (ratio + Z ** 2 / (2 * whole)) / scale;
  const half = (Z / scale) * Math.sqrt((ratio * (1 - ratio)) / whole + Z ** 2 / (4 * whole ** 2));
  // Exact at both ends, which rounding would miss by little.
  return { ratio, low: part === 0 ? 0 : centre - half, high: part === whole ? 1 : centre + half };
}
