import { isTimeframe, type Timeframe } from './timeframes.js';

const ANY_WORD = '1';
const ANY_TIMEFRAME: Timeframe = '7d';
const OF_TIMEFRAME = '{timeframe}';

/** A key that both templates can make, or `undefined` when there is none. */
export function sharedKey(one: string, other: string): string | undefined {
  const [ours, theirs] = [one.split(':'), other.split(':')];
  if (ours.length !== theirs.length) return undefined;
  const segments = ours.map((part, i) => sharedSegment([part, theirs[i] as string]));
  return segments.includes(undefined) ? undefined : segments.join(':');
}

/** If any segment fits both parts, this one does. */
function sharedSegment(parts: readonly string[]): string | undefined {
  const any = parts.includes(OF_TIMEFRAME) ? ANY_TIMEFRAME : ANY_WORD;
  const segment = parts.find((part) => !isParameter(part)) ?? any;
  return parts.every((part) => fits(part, segment)) ? segment : undefined;
}

function fits(part: string, segment: string): boolean {
  if (!isParameter(part)) return part === segment;
  return part !== OF_TIMEFRAME || isTimeframe(segment);
}

function isParameter(part: string): boolean {
  return part.startsWith('{');
}
