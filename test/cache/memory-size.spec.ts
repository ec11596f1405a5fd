import { describe, expect, it } from 'vitest';
import { parseFrozen } from '../../src/codec/json.js';
import { UNSHARED_LEASE } from '../../src/engine/coherence-lease.js';
import type { LocalEntry } from '../../src/engine/local-entry.js';
import { LocalView } from '../../src/engine/local-view.js';
import { KeyRegistry } from '../../src/keys/registry.js';
import { MemoryTier } from '../../src/stores/memory/memory-tier.js';
import { SystemClock } from '../../src/primitives/clock.js';
import { usedHeap } from '../support/used-heap.js';

const MIB = 1_048_576;
const clock = new SystemClock();
const { family } = new KeyRegistry([]).resolve('any');

function viewOf(maxEntries: number): LocalView {
  const memory = new MemoryTier<LocalEntry>({ maxEntries, maxBytes: 1_024 * MIB });
  return new LocalView({ clock, memory, lease: UNSHARED_LEASE, maxTags: 100_000 });
}

function keep(view: LocalView, key: string, value: unknown, tags: readonly string[] = []): void {
  const now = clock.now();
  const open = view.openFence(key, view.statesOf(tags));
  const life = { loadedAt: now, loadTook: 12.5, freshUntil: now + 3_600_000, keepUntil: now + 3_600_000 };
  view.keep(open, { ...life, value, family, states: view.statesOf(tags), stamps: [] });
  view.closeFence(open);
}

const row = (i: number) => ({ agent_id: `agent-${i}`, runs: 1_234 + i, rate: 0.97 + i / 1e9, p95: 12.5 + i, ok: true });
const VALUES: Readonly<Record<string, (i: number) => unknown>> = {
  'an object of 180 characters': (i) => ({
    runs: i,
    rate: 0.97 + i / 1e9,
    tokens: 456_789,
    note: `x${i}`.padEnd(110, 'y'),
  }),
  'a text': (i) => ({ text: `s${i}`.padEnd(500, 'z') }),
  'a text of two bytes a character': (i) => ({ text: `ж${i}`.padEnd(500, 'ж') }),
  'whole numbers': (i) => Array.from({ length: 100 }, (_, at) => at + i),
  fractions: (i) => Array.from({ length: 100 }, (_, at) => at + i + 0.5),
  'rows, 2 KB': (i) => ({ rows: Array.from({ length: 20 }, (_, at) => row(20 * i + at)) }),
  'objects in objects': (i) => ({ a: { b: { c: { d: { e: i, f: [i, [i, [i]]] } } } } }),
  'a table by id': (i) => Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`id-${i}-${at}`, at])),
};

describe('the bytes of L1', () => {
  it.each(Object.keys(VALUES))('are those of the heap, within a quarter, for %s', (name) => {
    const count = 4_000;
    const made = VALUES[name] as (i: number) => unknown;
    const texts = Array.from({ length: count }, (_, i) => JSON.stringify(made(i)));
    const put = (view: LocalView): LocalView => {
      for (const [i, text] of texts.entries()) keep(view, `item:${i}:of:${name.length}`, parseFrozen(text));
      return view;
    };
    put(viewOf(count));

    const before = usedHeap();
    const view = put(viewOf(count));
    const used = usedHeap() - before;

    expect(view.memory.size).toBe(count);
    expect(view.memory.bytes / used).toBeGreaterThan(0.75);
    expect(view.memory.bytes / used).toBeLessThan(1.25);
  });

  it('stay as they are through a million keys that come once', () => {
    const view = viewOf(10_000);
    const fill = (from: number, to: number): number => {
      for (let i = from; i < to; i++) keep(view, `one-off:${i}`, i);
      return usedHeap();
    };
    const before = fill(0, 100_000);

    expect((fill(100_000, 1_000_000) - before) / MIB).toBeLessThan(2);
    expect(view.memory.size).toBe(10_000);
  }, 240_000);

  it('end where they began after a million tags that were carried once', () => {
    const view = viewOf(1_000);
    const fill = (from: number, to: number): void => {
      for (let i = from; i < to; i++) keep(view, `tagged:${i % 5_000}`, i, [`once:${i}`]);
    };
    fill(0, 30_000);
    const before = usedHeap();

    fill(30_000, 1_000_000);

    expect((usedHeap() - before) / MIB).toBeLessThan(2);
    expect(view.generations.size).toBeLessThan(25_000);
  }, 240_000);
});
