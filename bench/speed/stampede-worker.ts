/* One process of the stampede: `subject url`; asks for each key it is sent, many times at once, and tells what came of it. */
import type { Milliseconds } from '../../src/primitives/units.js';
import { versionOf } from '../setting.js';
import { OURS, startOursOn } from './contenders.js';
import { PEERS } from './peers.js';
import { analyticsOf } from './values.js';

export const CALLERS = 250;
export const LOADER_MS: Milliseconds = 50;

/** What came of one key in one process. */
export interface Report {
  readonly loads: number;
  /** Until the last caller was answered. */
  readonly took: Milliseconds;
}

const [, file = '', subject = '', url = ''] = process.argv;
if (file.endsWith('stampede-worker.ts')) await work();

async function work(): Promise<void> {
  let loads = 0;
  const load = async (): Promise<object> => {
    loads += 1;
    await new Promise((resolve) => setTimeout(resolve, LOADER_MS));
    return analyticsOf('200 B');
  };
  const ask = await askerOf(load);
  process.on('message', (key: string) => {
    loads = 0;
    const start = performance.now();
    const answers = Array.from({ length: CALLERS }, () => ask(key));
    void Promise.all(answers).then((values) => {
      if (values.some((value) => typeof value !== 'object')) throw new Error(`${subject}: nothing came back`);
      process.send?.({ loads, took: performance.now() - start } satisfies Report);
    });
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

async function askerOf(load: () => Promise<object>): Promise<(key: string) => Promise<unknown>> {
  if (subject === OURS) {
    const { cache } = await startOursOn(url);
    return (key) => cache.getOrLoad(key, load);
  }
  const peer = PEERS.find(({ packages }) => versionOf(packages[0]) === subject);
  if (!peer) throw new Error(`${subject} is none of the peers`);
  return (await peer.start({ url, tiers: peer.packages[0] === 'async-cache-dedupe' ? 'redis' : 'memory', load }))
    .getOrLoad;
}
