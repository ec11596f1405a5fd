import { describe, expect, it } from 'vitest';
import { type RemoteFailure, RemoteStoreError } from '../stores/contracts.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';

const PROBES = { attempts: 5, base: 500, cap: 5_000, jitter: 0 };

function made() {
  const clock = new ManualClock();
  const changes: string[] = [];
  const random = { fraction: () => 0.5, token: () => 'token' };
  const onChange = (state: string, failure?: string): void =>
    void changes.push(failure ? `${state} (${failure})` : state);
  const breaker = new CircuitBreaker({
    clock,
    random,
    threshold: 3,
    probes: PROBES,
    concerns: ({ shard }) => shard !== 'other',
    onChange,
  });
  const fail = (failure: RemoteFailure = 'timeout'): Promise<unknown> =>
    breaker
      .run('fetch', () => Promise.reject(new RemoteStoreError(failure, 'fetch', 'x')))
      .catch((error: unknown) => error);
  const failElsewhere = (): Promise<unknown> =>
    breaker
      .run('fetch', () => Promise.reject(new RemoteStoreError('timeout', 'fetch', 'x', 'other')))
      .catch((error: unknown) => error);
  const succeed = (): Promise<unknown> => breaker.run('fetch', () => Promise.resolve('answer'));
  const opened = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) await fail();
  };
  return { clock, changes, breaker, fail, failElsewhere, succeed, opened };
}

describe('a circuit', () => {
  it('stays closed while failures come one at a time', async () => {
    const { breaker, fail, succeed } = made();
    for (let i = 0; i < 5; i++) {
      await fail();
      await fail();
      await succeed();
    }
    expect(breaker.state).toBe('closed');
  });

  it('opens by one command that failed for as many reads as it takes', async () => {
    const { breaker } = made();
    const failing = (reads: number): Promise<unknown> =>
      breaker
        .run('fetch', () => Promise.reject(new RemoteStoreError('timeout', 'fetch', 'x')), reads)
        .catch((error: unknown) => error);
    await failing(2);
    expect(breaker.state).toBe('closed');
    await failing(2);
    expect(breaker.state).toBe('open');
  });

  it('does not count what failed at another server, and lets the next command probe after one that told nothing', async () => {
    const { breaker, clock, opened, failElsewhere, succeed } = made();
    for (let i = 0; i < 5; i++) await failElsewhere();
    expect(breaker.state).toBe('closed');
    await opened();
    await clock.advance(500);
    await failElsewhere();
    expect(breaker.state).toBe('open');
    expect(breaker.isPassable).toBe(true);
    await succeed();
    expect(breaker.state).toBe('closed');
  });

  it('opens after that many failures in a row, and then sends nothing', async () => {
    const { breaker, opened, changes } = made();
    await opened();
    let sent = false;
    const refused = breaker.run('fetch', () => Promise.resolve((sent = true)));
    await expect(refused).rejects.toMatchObject({ failure: 'circuit-open', operation: 'fetch' });
    expect({ sent, changes }).toEqual({ sent: false, changes: ['open (timeout)'] });
  });

  it.each(['protocol', 'permission', 'overloaded'] as const)(
    'does not count %s: it tells of the command',
    async (failure) => {
      const { breaker, fail } = made();
      for (let i = 0; i < 10; i++) await fail(failure);
      expect(breaker.state).toBe('closed');
    },
  );

  it('lets one command probe when its time has come, and closes when that is answered', async () => {
    const { clock, breaker, opened, succeed, changes } = made();
    await opened();
    await clock.advance(499);
    await expect(succeed()).rejects.toMatchObject({ failure: 'circuit-open' });
    await clock.advance(1);
    let answer = (): void => undefined;
    const probe = breaker.run('fetch', () => new Promise<void>((resolve) => (answer = resolve)));
    await expect(succeed()).rejects.toMatchObject({ failure: 'circuit-open' });
    answer();
    await probe;
    expect(await succeed()).toBe('answer');
    expect(changes).toEqual(['open (timeout)', 'half-open', 'closed']);
  });

  it('waits twice as long after each probe in vain, up to ten times as long', async () => {
    const { clock, fail, opened, breaker } = made();
    await opened();
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      const since = clock.now();
      while (!breaker.isPassable) await clock.advance(100);
      waits.push(clock.now() - since);
      await fail();
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('closes when a probe is refused for its own sake: that is an answer', async () => {
    const { clock, breaker, opened, fail } = made();
    await opened();
    await clock.advance(500);
    await fail('protocol');
    expect(breaker.state).toBe('closed');
  });

  it('is not half-open for ever when the reply to a probe cannot be read', async () => {
    const { clock, breaker, opened, succeed } = made();
    await opened();
    await clock.advance(500);
    const unreadable = breaker.run('fetch', () => Promise.reject(new TypeError('values.map is not a function')));
    await expect(unreadable).rejects.toMatchObject({ failure: 'protocol', operation: 'fetch' });
    expect(await succeed()).toBe('answer');
  });

  it('is not moved by what was sent before it opened', async () => {
    const { clock, breaker, opened, fail } = made();
    let answer = (): void => undefined;
    const old = breaker.run('fetch', () => new Promise<void>((resolve) => (answer = resolve)));
    await opened();
    answer();
    await old;
    expect(breaker.state).toBe('open');
    await clock.advance(500);
    await fail();
    expect(breaker.state).toBe('open');
  });

  it('probes with the next command when there is news of the server', async () => {
    const { breaker, opened, succeed } = made();
    await opened();
    breaker.probeSoon();
    expect(await succeed()).toBe('answer');
    expect(breaker.state).toBe('closed');
  });
});
