import { Redis } from 'ioredis';

/** How many users, agents and items make the keys. */
const USERS = 4;
const AGENTS = 3;
const ITEMS = 2;

/** Every key of a run by number: `user:1:agent:2:item:0` carries the tags `user:1` and `agent:2`. */
export const KEYS: readonly string[] = Array.from({ length: USERS * AGENTS * ITEMS }, (_, i) => {
  const [user, agent, item] = [i % USERS, Math.floor(i / USERS) % AGENTS, Math.floor(i / USERS / AGENTS)];
  return `user:${user}:agent:${agent}:item:${item}`;
});

/** The numbers of the keys that contain a part, such as `user:1`. */
export function keysWith(part: string): number[] {
  return KEYS.flatMap((key, i) => (`${key}:`.includes(`${part}:`) ? [i] : []));
}

export { AGENTS, USERS };

/** The versioned source of truth: a server of its own that no fault touches. */
export class Source {
  readonly #redis: Redis;

  constructor(url: string) {
    this.#redis = new Redis(url, { enableAutoPipelining: true, disableClientInfo: true });
  }

  /** What a loader reads. */
  async read(key: number): Promise<number> {
    return Number((await this.#redis.get(`v${key}`)) ?? 0);
  }

  /** Changes keys; returns their new versions. */
  commit(keys: readonly number[]): Promise<number[]> {
    return Promise.all(keys.map((key) => this.#redis.incr(`v${key}`)));
  }

  close(): void {
    this.#redis.disconnect();
  }
}
