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

/** Keys that do not tell their tags: these become known while the value is loaded. `late:3` gets the tags of {@link tagsOfLate}. */
const LATE: readonly string[] = Array.from({ length: USERS * AGENTS }, (_, i) => `late:${i}`);

/** Keys whose loaders read the late key of the same number. */
const NESTED: readonly string[] = LATE.map((_, i) => `nested:${i}`);

/** Every name by number: the keys, the late ones, the nested ones. */
export const NAMES: readonly string[] = [...KEYS, ...LATE, ...NESTED];

/** The numbers of a late key and of the nested key that reads it. */
export function lateKey(i: number): { readonly late: number; readonly nested: number } {
  return { late: KEYS.length + i, nested: KEYS.length + LATE.length + i };
}

/** How many late keys there are. */
export const LATE_KEYS = LATE.length;

/** The tags that a late key gets. */
export function tagsOfLate(i: number): string[] {
  return [`user:${i % USERS}`, `agent:${Math.floor(i / USERS)}`];
}

/** The numbers of the keys that carry a tag, by their form or late; a nested key carries what it reads. */
export function keysTagged(tag: string): number[] {
  const late = LATE.flatMap((_, i) => (tagsOfLate(i).includes(tag) ? [lateKey(i).late] : []));
  return [...keysWith(tag), ...late];
}

/** The number of the nested key that reads a late one; `undefined` for any other key. */
export function readerOf(key: number): number | undefined {
  return key >= KEYS.length ? key + LATE.length : undefined;
}

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
