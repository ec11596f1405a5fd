import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { serverUsers } from './acl.js';
import type { RedisServerOptions } from './redis-server.js';
import { Certificates } from './tls.js';
import { crashWith, remaining } from './traces.js';

/** What keeps strangers out of servers. */
export type Door = Pick<RedisServerOptions, 'password' | 'users' | 'tls'>;

/** Groups of servers behind each kind of door; `work` is what they then do among themselves. */
export function itCanHaveDoors<T extends { stop(): Promise<void> }>(
  start: (door: Door) => Promise<T>,
  work: (guarded: T) => Promise<void>,
): void {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await Certificates.create();
  });
  afterAll(() => certificates.remove());

  it.each<[string, () => Door]>([
    ['a password', () => ({ password: 'p@ss/word' })],
    ['users', () => ({ users: serverUsers() })],
    ['TLS with certificates of clients', () => ({ tls: { certificates, clientAuth: true } })],
  ])('can have %s', async (_, door) => {
    const guarded = await start(door());
    try {
      await work(guarded);
    } finally {
      await guarded.stop();
    }
  });
}

/** `code` starts as many servers as `count`; it and `file` are what {@link crashWith} takes. */
export function itLeavesNothingAfterACrash(count: number, file: string, code: string): void {
  it('leaves nothing after a crash of the test', async () => {
    const traces = await crashWith(file, code);
    expect(traces.pids).toHaveLength(count);
    await vi.waitFor(() => expect(remaining(traces)).toEqual([]), 10_000);
  });
}
