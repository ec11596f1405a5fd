import { cpus } from 'node:os';
import type { Redis } from 'ioredis';
import { encodeEnvelope } from '../src/codec/envelope.js';
import { EVERYTHING } from '../src/engine/generations.js';

/** Median and spread of samples, in the unit of the samples. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly samples: number;
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { min: at(0), median: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), samples: sorted.length };
}

/** Milliseconds that some work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export function show(spread: Spread, unit = 'ms'): string {
  const text = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(3));
  return `median ${text(spread.median)} ${unit} (min ${text(spread.min)}, p99 ${text(spread.p99)}, max ${text(spread.max)}, n ${spread.samples})`;
}

/** What the figures were measured on. */
export async function machine(redis: Redis): Promise<string> {
  const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1];
  return `${cpus().length} cores, Node ${process.version}, Redis ${version ?? '?'}, ${new Date().toISOString().slice(0, 10)}`;
}

/** Writes entries straight into Redis as the cache would, each with its tags; far faster than through the cache. */
export async function seed(redis: Redis, keys: Iterable<{ key: string; tags: readonly string[] }>): Promise<void> {
  const now = performance.timeOrigin + performance.now();
  const payload = JSON.stringify({
    runs: 1234,
    success_rate: 0.97,
    tokens: 456_789,
    runtime_p95: 12.5,
    model: 'a-model',
    note: 'x'.repeat(80),
  });
  const tokens = new Map<string, string>();
  const pending: Promise<unknown>[] = [];
  let pipeline = redis.pipeline();
  const flush = async (): Promise<void> => {
    pending.push(pipeline.exec());
    pipeline = redis.pipeline();
    if (pending.length > 4) await pending.shift();
  };
  for (const { key, tags } of keys) {
    const stamps = [...tags, EVERYTHING].map((tag) => ({ tag, token: tokenOf(tag, tokens) }));
    const head = {
      key,
      version: 1,
      loadedAt: now,
      freshUntil: now + 3_600_000,
      keepUntil: now + 3_600_000,
      loadTook: 5,
      stamps,
    };
    pipeline.set(`shadower:e:{${key}}`, encodeEnvelope(head, payload), 'PX', 3_600_000);
    if (pipeline.length >= 1_000) await flush();
  }
  for (const [tag, token] of tokens) pipeline.set(`shadower:g:{${tag}}`, token);
  await flush();
  await Promise.all(pending);
}

function tokenOf(tag: string, tokens: Map<string, string>): string {
  const known = tokens.get(tag) ?? `seed-${tokens.size.toString(36).padStart(7, '0')}`;
  tokens.set(tag, known);
  return known;
}

/** A figure, how it must relate to its target, and the target. */
export type Row = readonly [what: string, figure: number, relation: '>=' | '<=', target: number];

/** Prints figures beside their targets; the process fails where one is missed. */
export function judge(rows: readonly Row[]): void {
  for (const [what, figure, relation, target] of rows) {
    const isMet = relation === '>=' ? figure >= target : figure <= target;
    if (!isMet) process.exitCode = 1;
    console.log(`${isMet ? 'met   ' : 'MISSED'} ${what}: ${figure.toFixed(2)} (target ${relation} ${target})`);
  }
}
