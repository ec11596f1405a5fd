import { execFileSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { SystemClock } from './clock.js';

describe('SystemClock', () => {
  const clock = new SystemClock();

  it('tells milliseconds since the epoch', () => {
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(5_000);
  });

  it('is not moved by whoever sets the time of the machine', () => {
    const before = clock.now();
    vi.spyOn(Date, 'now').mockReturnValue(0);

    expect(clock.now()).toBeGreaterThanOrEqual(before);
    expect(clock.now() - before).toBeLessThan(5_000);
  });

  it('runs a timer once, not before its delay, and none that was cancelled', async () => {
    const began = clock.now();
    const work = vi.fn();
    clock.after(1, work).cancel();

    await new Promise<void>((resolve) => clock.after(20, resolve));

    expect(clock.now() - began).toBeGreaterThanOrEqual(19);
    expect(work).not.toHaveBeenCalled();
  });

  it('keeps no process alive with a timer', () => {
    const program = `
      import { runnerImport } from 'vite';
      const { module } = await runnerImport('./src/primitives/clock.ts', { logLevel: 'silent' });
      new module.SystemClock().after(60_000, () => undefined);
      console.log('end');
    `;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { timeout: 15_000 });

    expect(output.toString()).toContain('end');
  });
});
