import { beforeEach, describe, expect, it } from 'vitest';
import { type Ledger, RemoteStoreError } from '../stores/contracts.js';
import { ManualClock } from '../testing/manual-clock.js';
import { BackgroundTasks } from './background-tasks.js';
import { decodeRecord } from './invalidation-record.js';
import { Reassertion } from './reassertion.js';

let clock: ManualClock;
let asserted: number;
let told: string[];
let isAway: boolean;
let reassertion: Reassertion;

beforeEach(() => {
  [clock, asserted, told, isAway] = [new ManualClock(), 0, [], false];
  const ledger = {
    append: (text: string) => {
      if (isAway) return Promise.reject(new RemoteStoreError('unavailable', 'append', 'away'));
      told.push(text);
      return Promise.resolve('1-0');
    },
  } as unknown as Ledger;
  const invalidator = {
    assertAgain: () => {
      asserted += 1;
      return Promise.resolve();
    },
  };
  const background = new BackgroundTasks({ on: (event) => expect(event).toBeUndefined() });
  reassertion = new Reassertion({ clock, ledger, invalidator, background, origin: 'me' });
});

describe('what an instance asserts again after a failover', () => {
  it('is asserted at once by who notices, who tells the others', async () => {
    reassertion.noticed();
    await clock.advance(0);
    expect(asserted).toBe(1);
    expect(told.map((text) => decodeRecord(text))).toMatchObject([{ origin: 'me', again: true, tags: [], keys: [] }]);
  });

  it('is asserted once when others tell of what was noticed, or the ledger is lost with it', async () => {
    reassertion.noticed();
    reassertion.told();
    await clock.advance(5_000);
    reassertion.told();
    expect(asserted).toBe(1);
    await clock.advance(6_000);
    reassertion.told();
    expect(asserted).toBe(2);
  });

  it('is asserted again by who notices after having been told: what was sent may have reached the server before', async () => {
    reassertion.told();
    reassertion.noticed();
    await clock.advance(0);
    expect(asserted).toBe(2);
    expect(told).toEqual([]);
  });

  it('is asserted once a second while one node after another fails over, and at the end', async () => {
    for (let i = 0; i < 15; i += 1) {
      reassertion.noticed();
      await clock.advance(100);
    }
    expect(asserted).toBe(2);
    await clock.advance(1_000);
    expect(asserted).toBe(3);
    await clock.advance(60_000);
    expect(asserted).toBe(3);
  });
});

describe('telling of a failover', () => {
  it('is tried until the ledger serves', async () => {
    isAway = true;
    reassertion.noticed();
    await clock.advance(3_000);
    isAway = false;
    await clock.advance(1_000);
    expect(told).toHaveLength(1);
  });

  it('ends with the cache', async () => {
    isAway = true;
    reassertion.noticed();
    await clock.advance(1_000);
    reassertion.stop();
    await clock.advance(1_000);
    expect(clock.pending).toBe(0);
  });
});
