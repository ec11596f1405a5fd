import { describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.js';

describe('ManualClock', () => {
  it('stands still until it is moved', async () => {
    const clock = new ManualClock(1_000);
    expect([clock.now(), clock.now()]).toEqual([1_000, 1_000]);

    await clock.advance(250);

    expect(clock.now()).toBe(1_250);
  });

  it('runs timers in order of time, each at its own instant, and those set meanwhile', async () => {
    const clock = new ManualClock(0);
    const ran: [string, number][] = [];
    clock.after(20, () => ran.push(['second', clock.now()]));
    clock.after(10, () => {
      ran.push(['first', clock.now()]);
      clock.after(5, () => ran.push(['set by the first', clock.now()]));
    });
    clock.after(31, () => ran.push(['too late', clock.now()]));

    await clock.advance(30);

    expect(ran).toEqual([
      ['first', 10],
      ['set by the first', 15],
      ['second', 20],
    ]);
    expect(clock.pending).toBe(1);
  });

  it('runs timers of one instant in the order they were set', async () => {
    const clock = new ManualClock();
    const ran: number[] = [];
    for (const n of [1, 2, 3]) clock.after(10, () => ran.push(n));

    await clock.advance(10);

    expect(ran).toEqual([1, 2, 3]);
  });

  it('does not run a cancelled timer', async () => {
    const clock = new ManualClock();
    const timer = clock.after(1, () => expect.unreachable());
    timer.cancel();

    await clock.advance(10);

    expect(clock.pending).toBe(0);
  });

  it('lets code that sleeps in a loop go on at the right instants', async () => {
    const clock = new ManualClock(0);
    const woken: number[] = [];
    const loop = async (): Promise<void> => {
      while (woken.length < 3) {
        await clock.sleep(100);
        woken.push(clock.now());
      }
    };
    const done = loop();

    await clock.advance(300);
    await done;

    expect(woken).toEqual([100, 200, 300]);
  });
});
