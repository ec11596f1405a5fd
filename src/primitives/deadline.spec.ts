import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { withDeadline } from './deadline.js';

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
    await Promise.resolve();

    expect(outcome).toBe('too late');
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
