import type { Redis } from 'ioredis';
import type { Milliseconds } from '../../src/primitives/units.js';
import { until } from '../../test/support/caches.js';
import { cutOff } from './cutting.js';
import { pause, within } from './waiting.js';
import type { Source } from './source.js';
import type { CacheNode, Setting, Subject } from './subject.js';

/** Two nodes of one cache on one Redis. A is the one that loads. */
export interface Trial {
  readonly subject: Subject;
  readonly a: CacheNode;
  readonly b: CacheNode;
  readonly source: Source;
  readonly admin: Redis;
}

/** One way to invalidate while something else is under way. */
export interface Scenario {
  readonly title: string;
  readonly meaning: string;
  readonly kind: Setting['kind'];
  /** How often it is tried; the longest counts. @default 1 */
  readonly tries?: number;
  /** Whether the subject has what it takes. */
  suits(subject: Subject): boolean;
  /** Ends when all is settled. Returns when the invalidation was acknowledged. */
  run(trial: Trial): Promise<Milliseconds>;
}

const SETTLE: Milliseconds = 300;
const READ_LIMIT: Milliseconds = 2_000;
const REFRESH_LIMIT: Milliseconds = 10_000;

const always = (): boolean => true;

/** A node that has no such operation is a mistake in the subject's file: `suits` was asked before. */
function required<T>(operation: T | undefined): T {
  if (operation === undefined) throw new Error('the node lacks an operation that its subject promises');
  return operation;
}

async function warm({ a, b }: Trial): Promise<void> {
  await a.read();
  await b.read();
  await pause(SETTLE);
}

async function duringLoad({ a, source }: Trial, invalidate: () => Promise<unknown>): Promise<Milliseconds> {
  const held = source.hold();
  const loading = a.read();
  await held.started;
  source.change();
  await invalidate();
  const acknowledged = performance.now();
  held.release();
  await loading;
  await pause(SETTLE);
  return acknowledged;
}

async function duringRefresh(trial: Trial): Promise<Milliseconds> {
  const { a, source } = trial;
  await warm(trial);
  const held = source.hold();
  let isRefreshing = false;
  void held.started.then(() => (isRefreshing = true));
  await until(async () => {
    await within(READ_LIMIT, a.read(), 'a read waits for the refresh');
    return isRefreshing;
  }, REFRESH_LIMIT);
  source.change();
  await a.remove();
  const acknowledged = performance.now();
  held.release();
  await pause(SETTLE);
  return acknowledged;
}

async function afterSet({ a, b, source }: Trial): Promise<Milliseconds> {
  await required(a.set)(source.version);
  source.change();
  await b.remove();
  const acknowledged = performance.now();
  await pause(SETTLE);
  return acknowledged;
}

async function whileCut(trial: Trial): Promise<Milliseconds> {
  await warm(trial);
  const mend = await cutOff(trial.admin, trial.subject.follows);
  trial.source.change();
  await trial.a.remove();
  const acknowledged = performance.now();
  await mend();
  return acknowledged;
}

async function atRest(trial: Trial): Promise<Milliseconds> {
  await warm(trial);
  trial.source.change();
  await trial.a.remove();
  const acknowledged = performance.now();
  await pause(SETTLE);
  return acknowledged;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    title: 'at rest',
    meaning: 'A and B hold the value and nothing is under way. A deletes the key. It shows that the set-up works',
    kind: 'plain',
    suits: always,
    run: atRest,
  },
  {
    title: 'key, same node',
    meaning: 'A loads. A deletes the key',
    kind: 'plain',
    suits: always,
    run: (trial) => duringLoad(trial, () => trial.a.remove()),
  },
  {
    title: 'key, other node',
    meaning: 'A loads. B deletes the key',
    kind: 'plain',
    suits: always,
    run: (trial) => duringLoad(trial, () => trial.b.remove()),
  },
  {
    title: 'tag',
    meaning: 'A loads a tagged key. A invalidates the tag, group or reference',
    kind: 'tagged',
    suits: ({ tags }) => tags,
    run: (trial) => duringLoad(trial, () => required(trial.a.removeTag)()),
  },
  {
    title: 'refresh',
    meaning: 'A refreshes an entry in the background and goes on serving it. A deletes the key',
    kind: 'refreshing',
    suits: ({ refreshes }) => refreshes,
    run: duringRefresh,
  },
  {
    title: 'after a set',
    meaning:
      'A stores the old value, its set returns, and B deletes the key at once. Tried four times, and the longest counts: what A tells B may arrive before or after',
    kind: 'plain',
    tries: 4,
    suits: ({ sets }) => sets,
    run: afterSet,
  },
  {
    title: 'cut off',
    meaning:
      'A and B hold the value. The connections by which they follow each other are killed, and refused until A has deleted the key. It is read from then on, without the 300 ms',
    kind: 'plain',
    suits: always,
    run: whileCut,
  },
];
