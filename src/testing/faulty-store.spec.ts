import { beforeEach, describe, expect, it } from 'vitest';
import type { Fetched, Filling, RemoteStore } from '../stores/contracts.js';
import { RemoteStoreError } from '../stores/contracts.js';
import { FaultyStore } from './faulty-store.js';
import { ManualClock } from './manual-clock.js';
import type { StoreChance } from './store-faults.js';

const FOUND: Fetched = { entries: [null], generations: [], leases: [] };
const ASKED = { keys: ['k'], tags: [], leases: false };
const FILLING: Filling = { key: 'k', token: 't', bytes: Buffer.from('v'), keepFor: 1_000 };
const LEASE = { key: 'k', token: 't', duration: 1_000, seen: Buffer.alloc(0), keepSeen: false };

let made: string[];
let clock: ManualClock;
let store: FaultyStore;

/** A store that notes what it is asked and answers "no" wherever it can. */
function notingStore(): RemoteStore {
  const answering =
    <T>(method: string, answer: T) =>
    (): Promise<T> => {
      made.push(method);
      return Promise.resolve(answer);
    };
  return {
    isAvailable: true,
    shards: ['here'],
    shardsOf: () => ['here'],
    shardOfAnnouncements: 'here',
    fetch: answering('fetch', FOUND),
    mint: answering('mint', ['present']),
    acquire: answering('acquire', { kind: 'busy' as const }),
    seize: answering('seize', undefined),
    fill: answering('fill', [false]),
    release: answering('release', undefined),
    extend: answering('extend', false),
    remove: answering('remove', [false]),
    change: answering('change', undefined),
    announcements: answering('announcements', { id: '1-0', text: 't' }),
    mintLate: answering('mintLate', ['present']),
    async *scan() {
      made.push('scan');
      yield await Promise.resolve(['a']);
      yield ['b'];
    },
    drop: answering('drop', 0),
    heads: answering('heads', [null]),
    dropSame: answering('dropSame', 0),
    isReplicated: answering('isReplicated', false),
    count: answering('count', 0),
    ping: answering('ping', 1),
  };
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  return error instanceof RemoteStoreError ? error.failure : error;
}

async function pages(): Promise<string[]> {
  const found: string[] = [];
  for await (const page of store.scan('entry', '*')) found.push(...page);
  return found;
}

beforeEach(() => {
  made = [];
  clock = new ManualClock(0);
  store = new FaultyStore(notingStore(), clock);
});

describe('FaultyStore', () => {
  it('passes everything on when it is told nothing', async () => {
    expect(await store.fetch(ASKED)).toBe(FOUND);
    expect(await store.acquire(LEASE)).toEqual({ kind: 'busy' });
    expect(await pages()).toEqual(['a', 'b']);
    expect(store.isAvailable).toBe(true);
    expect(made).toEqual(['fetch', 'acquire', 'scan']);
  });

  describe('by script', () => {
    it('fails the next calls of one method, without making them', async () => {
      store.failNext('fetch', 'timeout', 2);

      expect(await failureOf(store.fetch(ASKED))).toBe('timeout');
      expect(await store.ping()).toBe(1);
      expect(await failureOf(store.fetch(ASKED))).toBe('timeout');
      expect(await failureOf(store.fetch(ASKED))).toBe(FOUND);
      expect(made).toEqual(['ping', 'fetch']);
    });

    it('fails everything until it is healed', async () => {
      store.failAll('read-only');
      for (let i = 0; i < 3; i += 1) expect(await failureOf(store.ping())).toBe('read-only');

      store.heal();

      expect(await store.ping()).toBe(1);
    });

    it('does what was scripted first, first', async () => {
      store.failNext('ping', 'timeout');
      store.failNext('ping', 'loading');
      expect([await failureOf(store.ping()), await failureOf(store.ping())]).toEqual(['timeout', 'loading']);
    });

    it('makes a delayed call later', async () => {
      store.delayNext('fetch', 50);
      const call = store.fetch(ASKED);
      await clock.advance(49);
      expect(made).toEqual([]);
      await clock.advance(1);
      expect(await call).toBe(FOUND);
    });

    it('never settles a call that hangs', async () => {
      store.hangNext('fill');
      const call = store.fill([FILLING]);
      await clock.advance(3_600_000);
      expect(await Promise.race([call, Promise.resolve('still pending')])).toBe('still pending');
      expect(made).toEqual([]);
    });

    it('loses the answer of a call that it has made', async () => {
      store.loseAnswerNext('fill', 'timeout');
      expect(await failureOf(store.fill([FILLING]))).toBe('timeout');
      expect(made).toEqual(['fill']);
    });

    it('fails a walk at the page where it is told to', async () => {
      const walk = store.scan('entry', '*')[Symbol.asyncIterator]();
      expect(await walk.next()).toMatchObject({ value: ['a'] });
      store.failNext('scan', 'timeout');
      expect(await failureOf(walk.next())).toBe('timeout');
    });
  });

  describe('a write that is lost', () => {
    it.each([
      ['mint', () => store.mint([{ tag: 't', token: 'new' }]), ['new']],
      ['acquire', () => store.acquire(LEASE), { kind: 'granted', replaces: false }],
      ['seize', () => store.seize(['k'], 't', 1), undefined],
      ['fill', () => store.fill([FILLING, FILLING]), [true, true]],
      ['release', () => store.release('k', 't'), undefined],
      ['extend', () => store.extend('k', 't', 1), true],
      ['remove', () => store.remove(['a', 'b']), [true, true]],
      ['change', () => store.change([{ tag: 't', token: 'new' }]), undefined],
      ['drop', () => store.drop('entry', ['a', 'b', 'c']), 3],
      ['dropSame', () => store.dropSame([{ key: 'k', identity: Buffer.alloc(0) }]), 1],
    ] as const)('is answered and not made: %s', async (method, call, answer) => {
      store.loseNext(method);
      expect(await call()).toEqual(answer);
      expect(made).toEqual([]);
    });

    it('cannot be a read', async () => {
      store.loseNext('fetch');
      expect(await store.fetch(ASKED)).toBe(FOUND);
    });
  });

  describe('by chance', () => {
    const run = async (chance: StoreChance): Promise<unknown[]> => {
      const chosen = new FaultyStore(notingStore());
      chosen.chance(chance);
      return Promise.all(Array.from({ length: 1_000 }, () => failureOf(chosen.ping())));
    };

    it('fails the share of calls that it is told, with the failure it is told', async () => {
      const results = await run({ seed: 1, fail: 0.1, failure: 'overloaded' });
      const failed = results.filter((result) => result === 'overloaded').length;
      expect(failed).toBeGreaterThan(60);
      expect(failed).toBeLessThan(140);
      expect(results.filter((result) => result === 1).length).toBe(1_000 - failed);
    });

    it('repeats with its seed and differs with another', async () => {
      expect(await run({ seed: 5, fail: 0.2 })).toEqual(await run({ seed: 5, fail: 0.2 }));
      expect(await run({ seed: 5, fail: 0.2 })).not.toEqual(await run({ seed: 6, fail: 0.2 }));
    });

    it('delays all others by an amount within the bounds', async () => {
      store.chance({ seed: 1, delay: [10, 20] });
      const calls = Promise.all([store.ping(), store.ping(), store.ping()]);
      await clock.advance(9);
      expect(made).toEqual([]);
      await clock.advance(11);
      expect(await calls).toEqual([1, 1, 1]);
    });

    it('loses the answers of a share of the calls', async () => {
      store.chance({ seed: 2, loseAnswer: 1, failure: 'timeout' });
      expect(await failureOf(store.ping())).toBe('timeout');
      expect(made).toEqual(['ping']);
    });

    it('hangs and loses shares', async () => {
      store.chance({ seed: 2, hang: 0.3, lose: 0.3 });
      const answers: string[] = [];
      for (let i = 0; i < 300; i += 1) void store.fill([FILLING]).then(([stored]) => answers.push(String(stored)));
      await clock.advance(0);
      const share = (answer: string): number => answers.filter((other) => other === answer).length / 300;
      expect(share('true')).toBeCloseTo(0.3, 1);
      expect(share('false')).toBeCloseTo(0.4, 1);
    });

    it('comes after what is scripted, and ends with it when healed', async () => {
      store.chance({ seed: 1, fail: 1 });
      store.failNext('ping', 'loading');
      expect([await failureOf(store.ping()), await failureOf(store.ping())]).toEqual(['loading', 'unavailable']);
      store.heal();
      expect(await store.ping()).toBe(1);
    });
  });
});
