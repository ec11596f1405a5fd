import type { Redis } from 'ioredis';
import type { Seconds } from '../../src/primitives/units.js';

/** What some work cost a server. */
export interface Use {
  /** Of its main thread, which runs every command. */
  readonly core: Seconds;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly commands: number;
  readonly took: Seconds;
}

/** Measures what `work` costs the server. */
export async function useOf(redis: Redis, work: () => Promise<unknown>): Promise<Use> {
  const before = await factsOf(redis);
  const start = performance.now();
  await work();
  const took = (performance.now() - start) / 1_000;
  const after = await factsOf(redis);
  const grown = (name: string): number => (after.get(name) ?? NaN) - (before.get(name) ?? NaN);
  return {
    core: grown('used_cpu_user_main_thread') + grown('used_cpu_sys_main_thread'),
    bytesIn: grown('total_net_input_bytes'),
    bytesOut: grown('total_net_output_bytes'),
    commands: grown('total_commands_processed'),
    took,
  };
}

/** The bytes that the server uses for all it holds. */
export async function usedMemory(redis: Redis): Promise<number> {
  return (await factsOf(redis)).get('used_memory') ?? NaN;
}

async function factsOf(redis: Redis): Promise<ReadonlyMap<string, number>> {
  const lines = (await redis.info()).split('\r\n').map((line) => line.split(':'));
  return new Map(lines.map(([name = '', value]) => [name, Number(value)]));
}
