import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SystemClock } from './clock.js';
import { ManualClock } from '../testing/manual-clock.js';
import { withDeadline } from './deadline.js';

/** The port of a server in another thread that echoes what it gets. */
async function listening(): Promise<number> {
  const worker = new Worker(
    `const { createServer } = require('node:net'); const { parentPort } = require('node:worker_threads');
     const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
    { eval: true },
  );
  onTestFinished(async () => {
    await worker.terminate();
  });
  const [port] = (await once(worker, 'message')) as [number];
  return port;
}

const late = (): Error => new Error('too late');
const never = (): Promise<never> => new Promise(() => undefined);

describe('withDeadline', () => {
  it('settles as the work does, and leaves no timer behind', async () => {
    const clock = new ManualClock();

    expect(await withDeadline(clock, 100, Promise.resolve(7), late)).toBe(7);
    await expect(withDeadline(clock, 100, Promise.reject(new Error('boom')), late)).rejects.toThrow('boom');

    expect(clock.pending).toBe(0);
  });

  it('rejects when the limit is reached, not before', async () => {
    const clock = new ManualClock();
    let outcome: unknown = 'pending';
    withDeadline(clock, 100, never(), late).catch((error: unknown) => (outcome = (error as Error).message));

    await clock.advance(99);
    expect(outcome).toBe('pending');
    await clock.advance(1);
    await new Promise(setImmediate);

    expect(outcome).toBe('too late');
  });

  it('lets an answer through that arrived while the process was stalled', async () => {
    const socket = connect(await listening());
    const answer = once(socket, 'data').then(() => 'answer');
    await once(socket, 'connect');
    const result = withDeadline(new SystemClock(), 50, answer, late);
    socket.write('question');
    // The answer comes at once, but nobody can read it before the time is up.
    const until = performance.now() + 200;
    while (performance.now() < until);

    expect(await result).toBe('answer');
    socket.destroy();
  });

  it('ignores what the work does after the limit', async () => {
    const clock = new ManualClock();
    let fail!: (error: Error) => void;
    const work = new Promise<never>((_, reject) => (fail = reject));
    const result = withDeadline(clock, 100, work, late);
    result.catch(() => undefined);
    await clock.advance(100);

    fail(new Error('much later'));

    await expect(result).rejects.toThrow('too late');
  });
});
