/** Whether this is `npm run test:security` rather than the suite of every day. */
export const IS_FULL = process.env['SECURITY_FULL'] === '1';

/** The seed of every random choice. `SECURITY_SEED=7 npm run test:security` repeats a run. */
export const SEED = Number(process.env['SECURITY_SEED'] ?? 1);

/** How many, by what is run. */
export function sizeOf(full: number, small: number): number {
  return IS_FULL ? full : small;
}

/** How long a test may take, in milliseconds. */
export const PATIENCE_MS = IS_FULL ? 900_000 : 60_000;
