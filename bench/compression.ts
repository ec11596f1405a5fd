/* npm run bench:compression: what compressing values takes and saves, by size, beside the JSON that is made and parsed anyway. */
import { brotliCompressSync, brotliDecompressSync, constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describeMachine } from './setting.js';
import { analyticsOf, SIZES, type Size } from './speed/values.js';
import { spreadOf } from './support.js';
import { textOf } from './table.js';

/** One way to have fewer bytes. */
interface Way {
  readonly name: string;
  readonly pack: (bytes: Buffer) => Buffer;
  readonly unpack: (bytes: Buffer) => Buffer;
}

const ROUNDS = 15;
const ROUND_MS = 20;

const WAYS: readonly Way[] = [
  {
    name: 'deflate, level 1',
    pack: (bytes) => deflateRawSync(bytes, { level: 1 }),
    unpack: (bytes) => inflateRawSync(bytes),
  },
  { name: 'deflate, level 6', pack: (bytes) => deflateRawSync(bytes), unpack: (bytes) => inflateRawSync(bytes) },
  {
    name: 'brotli, quality 1',
    pack: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    unpack: (bytes) => brotliDecompressSync(bytes),
  },
];

/** Microseconds that each of these takes, in turns: the median of the rounds. */
function timesOf(works: readonly (() => unknown)[]): number[] {
  const samples = works.map((): number[] => []);
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [i, work] of works.entries()) {
      let count = 0;
      const start = performance.now();
      while (performance.now() < start + ROUND_MS) {
        work();
        count += 1;
      }
      // The first round only warms up.
      if (round >= 0) samples[i]?.push((1_000 * (performance.now() - start)) / count);
    }
  }
  return samples.map((each) => spreadOf(each).median);
}

function rowsOf(size: Size): string[][] {
  const value = analyticsOf(size);
  const json = JSON.stringify(value);
  const bytes = Buffer.from(json);
  const packed = WAYS.map(({ pack }) => pack(bytes));
  const [made, parsed, ...times] = timesOf([
    () => JSON.stringify(value),
    () => JSON.parse(json) as unknown,
    ...WAYS.flatMap(({ pack, unpack }, i) => [() => pack(bytes), () => unpack(packed[i] as Buffer)]),
  ]) as [number, number, ...number[]];
  const rows = WAYS.map(({ name }, i) => [
    ...[size, name, ((packed[i] as Buffer).length / bytes.length).toFixed(2)],
    ...[times[2 * i] as number, times[2 * i + 1] as number].map(micros),
  ]);
  return [[size, 'JSON alone', '1.00', micros(made), micros(parsed)], ...rows];
}

function micros(time: number): string {
  return time.toFixed(1);
}

console.log(`# Compression of analytics (${await describeMachine()})`);
const head = ['value', 'way', 'bytes ÷ JSON', 'to write, µs', 'to read, µs'];
console.log(textOf([head, ...(Object.keys(SIZES) as Size[]).flatMap(rowsOf)]));
