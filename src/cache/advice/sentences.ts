import type { Milliseconds } from '../../primitives/units.js';

const UNITS: readonly (readonly [name: string, length: Milliseconds])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** For people: two digits or three, in the largest unit of which there is one. */
export function duration(time: Milliseconds): string {
  const [name, length] = UNITS.find(([, each]) => time >= each) ?? ['ms', 1];
  return `${Number((time / length).toPrecision(3))} ${name}`;
}

/** A share, for people. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
