import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { LoadBudgets, LoadRejectedError } from './load-budget.js';

function made(maxLoads = 1, maxWait = 1_000) {
  const clock = new ManualClock();
  const budgets = new LoadBudgets(new Map([['warehouse', { maxLoads, maxWait }]]), clock);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const load = (name: string, isPatient = true): Promise<string> =>
    budgets.run('warehouse', isPatient, () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, () => resolve(name)));
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await clock.advance(0);
  };
  return { clock, budgets, begun, load, end };
}

describe('the budget of a source', () => {
  it('lets that many loads run at a time, the others in the order they came', async () => {
    const { begun, load, end } = made(2);
    const loads = ['a', 'b', 'c', 'd'].map((name) => load(name));
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    await end('c');
    await end('d');
    expect(await Promise.all(loads)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('rejects a load that has waited too long, and says when to come again', async () => {
    const { clock, load, begun } = made(1, 2_500);
    void load('a');
    const late = load('b').catch((error: unknown) => error);
    await clock.advance(2_500);
    expect(await late).toBeInstanceOf(LoadRejectedError);
    expect(await late).toMatchObject({ statusCode: 503, retryAfter: 3, fields: { source: 'warehouse', maxLoads: 1 } });
    expect(begun).toEqual(['a']);
  });

  it('does not begin a load that was rejected when its turn comes', async () => {
    const { clock, load, end, begun, budgets } = made();
    void load('a');
    const late = load('b').catch((error: unknown) => error);
    await clock.advance(1_000);
    await late;
    await end('a');
    expect(begun).toEqual(['a']);
    expect(budgets.hasRoom('warehouse')).toBe(true);
  });

  it('rejects at once a load that may not wait', async () => {
    const { load } = made();
    void load('a');
    await expect(load('b', false)).rejects.toBeInstanceOf(LoadRejectedError);
  });

  it('gets its place back from a load that fails', async () => {
    const { budgets } = made();
    const failing = budgets.run('warehouse', true, () => Promise.reject(new Error('source down')));
    await expect(failing).rejects.toThrow('source down');
    expect(budgets.hasRoom('warehouse')).toBe(true);
  });

  it('leaves no timer behind', async () => {
    const { clock, load, end } = made();
    const loads = [load('a'), load('b')];
    await end('a');
    await end('b');
    await Promise.all(loads);
    expect(clock.pending).toBe(0);
  });

  it('is unlimited for a source without one', async () => {
    const { budgets } = made();
    expect(await budgets.run(undefined, false, () => Promise.resolve(1))).toBe(1);
    expect(budgets.hasRoom(undefined)).toBe(true);
  });

  it('lets what nobody waits for begin after all readers that wait', async () => {
    const { budgets, begun, load, end } = made();
    const { signal } = new AbortController();
    void load('a');
    const behind = budgets.runBehind('warehouse', signal, () => {
      begun.push('behind');
      return Promise.resolve('behind');
    });
    void load('b');
    await end('a');
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'behind']);
    expect(await behind).toBe('behind');
    expect(budgets.hasRoom('warehouse')).toBe(true);
  });

  it('is not waited for any more when a signal comes, and keeps no place', async () => {
    const { budgets, begun, load, end } = made();
    const stop = new AbortController();
    void load('a');
    const behind = budgets.runBehind('warehouse', stop.signal, () => Promise.resolve(begun.push('behind')));
    stop.abort();
    expect(await behind).toBeUndefined();
    await end('a');
    expect(begun).toEqual(['a']);
    expect(budgets.hasRoom('warehouse')).toBe(true);
    expect(await budgets.runBehind(undefined, stop.signal, () => Promise.resolve(1))).toBeUndefined();
  });
});

describe('a load that nobody needs', () => {
  function spare(maxLoads: number) {
    const { budgets, clock, load, end } = made(maxLoads);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const run = (name: string, source: string | undefined = 'warehouse'): Promise<string | undefined> =>
      budgets.runSpare(source, () => {
        begun.push(name);
        return new Promise((resolve, reject) => {
          ends.set(name, () => (name === 'failing' ? reject(new Error(name)) : resolve(name)));
        });
      });
    const finish = async (name: string): Promise<void> => {
      ends.get(name)?.();
      await clock.advance(0);
    };
    return { clock, load, end, run, begun, finish };
  }

  it('is run where it leaves room for another', async () => {
    const { clock, load, run, begun } = spare(3);
    void load('reader');
    void run('spare');
    await clock.advance(0);
    expect(begun).toEqual(['spare']);
  });

  it('is not run where it would take the last place', async () => {
    const { load, run, begun } = spare(2);
    void load('reader');
    expect(await run('spare')).toBeUndefined();
    expect(begun).toEqual([]);
  });

  it('is run where there is one place only, and that is free', async () => {
    const { clock, load, run, begun, finish } = spare(1);
    void run('first');
    await clock.advance(0);
    expect(begun).toEqual(['first']);
    await finish('first');
    void load('reader');
    expect(await run('second')).toBeUndefined();
  });

  it('waits for another of its kind, of whatever source, also for one that fails', async () => {
    const { clock, run, begun, finish } = spare(8);
    const failing = run('failing').catch((error: unknown) => error);
    const others = [run('second'), run('third', 'without a limit'), run('fourth', undefined)];
    await clock.advance(0);
    expect(begun).toEqual(['failing']);
    await finish('failing');
    expect(await failing).toEqual(new Error('failing'));
    expect(begun).toEqual(['failing', 'second']);
    for (const name of ['second', 'third', 'fourth']) await finish(name);
    expect(await Promise.all(others)).toEqual(['second', 'third', 'fourth']);
  });
});
