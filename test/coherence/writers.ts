import type { Chance } from './chance.js';
import { type Context, pause } from './context.js';
import { KIND, monotonic } from './history.js';
import { AGENTS, KEYS, keysTagged, keysWith, LATE_KEYS, readerOf, USERS } from './source.js';

const BY = { key: 0, tag: 1, pattern: 2, all: 3 } as const;

/** How many of them a process runs. */
export const WRITERS = 3;

const BURST_EVERY_MS = 2_600;
const BURST_MS = 80;

/** All processes read the same clock, so their bursts fall together. */
function untilBurst(chance: Chance): Promise<void> {
  const phase = monotonic() % BURST_EVERY_MS;
  return pause(phase < BURST_MS ? chance.between(0, 40) : BURST_EVERY_MS - phase);
}

/** Changes the source and invalidates what the change concerns; now and then sets a value. */
export class Writers {
  constructor(
    private readonly context: Context,
    private readonly rhythm: number | 'bursts',
  ) {}

  async run(chance: Chance): Promise<void> {
    while (!this.context.isOver()) {
      await this.#change(chance);
      await (this.rhythm === 'bursts' ? untilBurst(chance) : pause(chance.between(0, 2 * this.rhythm)));
    }
  }

  async #change(chance: Chance): Promise<void> {
    const { invalidation } = this.context;
    // Bursts crowd upon few tags, so that different processes change the same one at the same time.
    const isBurst = this.rhythm === 'bursts';
    const dice = isBurst && chance.fraction() < 0.8 ? 0.4 : chance.fraction();
    const [user, agent, key] = [chance.below(isBurst ? 2 : USERS), chance.below(AGENTS), chance.below(KEYS.length)];
    if (dice < 0.3) await this.#invalidate([key], BY.key, () => this.#delete(KEYS[key] as string));
    else if (dice < 0.5) await this.#invalidate(keysTagged(`user:${user}`), BY.tag, () => invalidation.user(user));
    else if (dice < 0.7) await this.#invalidate(keysTagged(`agent:${agent}`), BY.tag, () => invalidation.agent(agent));
    else if (dice < 0.8)
      await this.#invalidate(keysWith(`user:${user}`), BY.pattern, () => invalidation.pattern(`user:${user}:*`));
    else if (dice < 0.82)
      await this.#invalidate(
        Array.from({ length: KEYS.length + LATE_KEYS }, (_, i) => i),
        BY.all,
        () => invalidation.all(),
      );
    else await this.#set(key);
  }

  #delete(key: string): Promise<{ acknowledged: boolean }> {
    return this.context.runtime.invalidator.invalidate({ keys: [key], cause: 'checker' });
  }

  async #invalidate(
    keys: readonly number[],
    how: number,
    invalidate: () => Promise<{ acknowledged: boolean }>,
  ): Promise<void> {
    const { source, runtime, history, process } = this.context;
    const versions = await source.commit(keys);
    const begin = monotonic();
    const { acknowledged } = await invalidate();
    // Queued ones are promised for when Redis is back: the queue being empty is their acknowledgement.
    while (!acknowledged && runtime.invalidator.queued > 0) {
      if (this.context.isOver()) return;
      await pause(5);
    }
    const end = monotonic();
    for (const [i, key] of keys.entries()) {
      const row = { kind: KIND.invalidation, process, begin, end, version: versions[i] as number, since: 0, how };
      history.add({ ...row, key });
      const nested = readerOf(key);
      if (nested !== undefined) history.add({ ...row, key: nested });
    }
  }

  async #set(key: number): Promise<void> {
    const { cache, source, history, process } = this.context;
    const version = await source.read(key);
    const since = monotonic();
    await cache.set(KEYS[key] as string, { version, since }, { ttl: 60 });
    history.add({ kind: KIND.set, process, key, begin: since, end: monotonic(), version, since, how: 0 });
  }
}
