import { describe, expect, it } from 'vitest';
import { LocalLedger } from '../stores/local-store.js';
import { ManualClock } from '../testing/manual-clock.js';
import type { HistoryEntry } from './audit.js';
import { emptyRecord, encodeRecord } from './invalidation-record.js';
import { watchLedger } from './ledger-watch.js';

const PAUSE = 250;

async function watching(ledger: LocalLedger) {
  const [clock, interrupted, told] = [new ManualClock(), new AbortController(), [] as HistoryEntry[]];
  const records = await watchLedger({ clock, ledger }, interrupted.signal);
  const ended = (async () => {
    for await (const record of records) told.push(record);
  })();
  return { clock, told, ended, names: () => told.map(({ name }) => name), end: () => interrupted.abort() };
}

async function write(ledger: LocalLedger, ...keys: string[]): Promise<void> {
  const record = { ...emptyRecord('another', 7), keys: keys.map((name) => ({ name, cause: 'a test' })) };
  await ledger.append(encodeRecord(record));
}

const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `key:${from + i}`);

describe('whoever watches a ledger', () => {
  it('is told what is written from now on, in its order, until it ends', async () => {
    const ledger = new LocalLedger();
    await write(ledger, 'key:before');
    const { clock, told, names, ended, end } = await watching(ledger);
    await write(ledger, 'key:1', 'key:2');
    await write(ledger, 'key:3');
    await clock.advance(PAUSE);
    expect(names()).toEqual(['key:1', 'key:2', 'key:3']);
    expect(told[0]).toEqual({ id: '2-0', at: 7, origin: 'another', kind: 'key', name: 'key:1', cause: 'a test' });
    await write(ledger, 'key:4');
    await clock.advance(PAUSE);
    expect(names()).toHaveLength(4);
    end();
    await ended;
    expect(clock.pending).toBe(0);
  });

  it('misses none where many are written at once', async () => {
    const ledger = new LocalLedger();
    const { clock, names, ended, end } = await watching(ledger);
    for (const [from, to] of [
      [0, 99],
      [99, 199],
      [199, 300],
      [300, 3_000],
    ] as const) {
      for (const name of numbered(from, to)) await write(ledger, name);
      await clock.advance(PAUSE);
      expect(names()).toEqual(numbered(0, to));
    }
    end();
    await ended;
  });

  it('goes on where a ledger that is new is behind the one that was lost, and passes over what it cannot read', async () => {
    const ledger = new LocalLedger();
    for (const name of numbered(0, 20)) await write(ledger, name);
    const { clock, names, ended, end } = await watching(ledger);
    await ledger.append('of a newer version');
    await write(ledger, 'key:20');
    await clock.advance(PAUSE);
    expect(names()).toEqual(['key:20']);
    await ledger.discard();
    await clock.advance(PAUSE);
    await write(ledger, 'key:21');
    await clock.advance(PAUSE);
    expect(names()).toEqual(['key:20', 'key:21']);
    end();
    await ended;
  });
});
