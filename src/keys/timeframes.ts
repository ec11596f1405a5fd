import { InvalidOptionError } from '../primitives/errors.js';
import type { Seconds } from '../primitives/units.js';

/** How long an answer about a timeframe stays fresh. `1m` is a month, not a minute. */
export const TIMEFRAME_TTL = Object.freeze({
  '24h': 300,
  '7d': 1800,
  '1w': 1800,
  '30d': 3600,
  '1m': 3600,
  '90d': 3600,
  '3m': 3600,
  '6m': 86_400,
  '1y': 86_400,
  all: 86_400,
} satisfies Record<string, Seconds>);

/** A span of time that an analytics question may ask about. */
export type Timeframe = keyof typeof TIMEFRAME_TTL;

/** Every timeframe, shortest first. */
export const TIMEFRAMES = Object.freeze(Object.keys(TIMEFRAME_TTL) as Timeframe[]);

/** True for a timeframe of the table; own keys only, so `constructor` is none. */
export function isTimeframe(value: unknown): value is Timeframe {
  return typeof value === 'string' && Object.hasOwn(TIMEFRAME_TTL, value);
}

/** The TTL in seconds of answers about `timeframe`. @throws InvalidOptionError */
export function ttlOf(timeframe: unknown): Seconds {
  if (isTimeframe(timeframe)) return TIMEFRAME_TTL[timeframe];
  throw new InvalidOptionError('timeframe', `one of ${TIMEFRAMES.join(' ')}`, timeframe);
}
