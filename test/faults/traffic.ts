import type { CacheService } from '../../src/cache/cache.service.js';
import type { LoadOptions } from '../../src/cache/call-options.js';
import type { InvalidationService } from '../../src/cache/invalidation.service.js';
import { Chance } from '../coherence/chance.js';
import { pause } from '../coherence/context.js';
import { monotonic } from '../coherence/history.js';
import { KEYS, keysWith, type Source, USERS } from '../coherence/source.js';
import type { Floors } from './floors.js';
import type { Floor } from './messages.js';
import type { Tally } from './tally.js';

const READERS = 6;
const STOP_LIMIT_MS = 3_000;

/** What `work` comes to, or `undefined` after `limit` milliseconds. The timer keeps no process alive. */
export function orAfter<T>(limit: number, work: T | Promise<T>): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, limit, undefined).unref());
  return Promise.race([work, late]);
}

/** A loader that fails, as sources do: the one error that readers are to see. */
class LoaderFailed extends Error {}

/** What traffic is made of. */
export interface TrafficParts {
  readonly cache: CacheService;
  readonly invalidation: InvalidationService;
  readonly source: Source;
  readonly floors: Floors;
  readonly tally: Tally;
  readonly seed: number;
  /** Only this worker's users are changed by it, so that each key is changed by one worker, one change after the other. */
  readonly worker: number;
  readonly workers: number;
  /** Tells others what was acknowledged. */
  readonly tell: (floors: readonly Floor[]) => void;
}

interface Value {
  readonly key: string;
  readonly version: number;
}

/** Reads and changes without end, and checks every answer. */
export class Traffic {
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: TrafficParts) {}

  start(): void {
    const { seed } = this.parts;
    const loops = Array.from({ length: READERS }, (_, i) => this.#repeat(new Chance(seed * 100 + i), this.#readOne));
    loops.push(this.#repeat(new Chance(seed * 100 + READERS), this.#changeOne));
    this.#running = Promise.all(loops);
  }

  /** Resolves when the calls under way have ended, or hang. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await orAfter(STOP_LIMIT_MS, this.#running);
  }

  async #repeat(chance: Chance, step: (chance: Chance) => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      try {
        await step(chance);
      } catch (error) {
        if (!(error instanceof LoaderFailed)) this.parts.tally.mishap(`${step.name}: ${String(error)}`);
      }
    }
  }

  readonly #readOne = async (chance: Chance): Promise<void> => {
    await pause(chance.between(4, 14));
    const dice = chance.fraction();
    if (dice < 0.04) await this.#readMany(chance);
    else if (dice < 0.08) await this.#get(chance);
    else await this.#lookup(chance);
  };

  async #lookup(chance: Chance): Promise<void> {
    const { cache, floors, tally } = this.parts;
    const key = chance.below(KEYS.length);
    const begun = monotonic();
    const floor = floors.of(key, begun);
    let loading = 0;
    const load = async (): Promise<Value> => {
      const since = monotonic();
      try {
        return await this.#load(key, chance);
      } finally {
        loading = monotonic() - since;
      }
    };
    const found = await tally.timed(() => cache.lookup(KEYS[key] as string, load, optionsOf(chance)));
    tally.read(found.source, found.coalesced ? undefined : monotonic() - begun - loading);
    this.#check(key, found.value, floor, found.source);
  }

  async #get(chance: Chance): Promise<void> {
    const { cache, floors, tally } = this.parts;
    const key = chance.below(KEYS.length);
    const floor = floors.of(key, monotonic());
    const value = await tally.timed(() => cache.get(KEYS[key] as string));
    if (value !== null) this.#check(key, value, floor, 'get');
  }

  async #readMany(chance: Chance): Promise<void> {
    const { cache, floors, tally } = this.parts;
    const keys = Array.from({ length: 5 }, () => chance.below(KEYS.length));
    const least = keys.map((key) => floors.of(key, monotonic()));
    const names = keys.map((key) => KEYS[key] as string);
    const load = (missing: readonly unknown[]): Promise<Value[]> =>
      Promise.all(missing.map((name) => this.#load(KEYS.indexOf(name as string), chance)));
    const values = await tally.timed(() => cache.getOrLoadMany(names, load, optionsOf(chance)));
    for (const [i, key] of keys.entries()) this.#check(key, values[i], least[i] as number, 'getOrLoadMany');
  }

  async #load(key: number, chance: Chance): Promise<Value> {
    const version = await this.parts.source.read(key);
    await pause(chance.between(1, 4));
    if (chance.fraction() < 0.01) throw new LoaderFailed('the source failed');
    return { key: KEYS[key] as string, version };
  }

  #check(key: number, value: unknown, floor: number, how: string): void {
    const name = KEYS[key] as string;
    const { key: ofKey, version } = (value ?? {}) as Partial<Value>;
    if (ofKey !== name) this.parts.tally.wrong(`${how}: ${JSON.stringify(value)} for ${name}`);
    else if (version === undefined || version < floor)
      this.parts.tally.wrong(`${how}: version ${String(version)} of ${name}, which was invalidated before ${floor}`);
  }

  readonly #changeOne = async (chance: Chance): Promise<void> => {
    await pause(chance.between(20, 80));
    const { source, tally, floors, worker, workers } = this.parts;
    const user = worker + workers * chance.below(Math.ceil((USERS - worker) / workers));
    const [keys, change] = this.#choose(chance, user);
    const versions = await source.commit(keys);
    const isAcknowledged = await tally.timed(() => change(versions[0] as number));
    const at = monotonic();
    const raised = keys.map((key, i) => ({ key, version: versions[i] as number, at }));
    // Acknowledged or not, this process may not go back behind what it has invalidated itself.
    for (const floor of raised) floors.raise(floor);
    if (isAcknowledged) this.parts.tell(raised);
    tally.changed();
  };

  #choose(chance: Chance, user: number): [number[], (version: number) => Promise<boolean>] {
    const { cache, invalidation } = this.parts;
    const all = keysWith(`user:${user}`);
    const key = chance.pick(all);
    const name = KEYS[key] as string;
    const dice = chance.fraction();
    if (dice < 0.35)
      return [[key], async (version) => cache.set(name, { key: name, version }, { ttl: chance.pick([0.3, 60]) })];
    // That a key was there says nothing of the acknowledgement, so nobody else is told.
    if (dice < 0.55) return [[key], async () => cache.delete(name).then(() => false)];
    if (dice < 0.9) return [all, async () => (await invalidation.user(user)).acknowledged];
    return [all, async () => (await invalidation.pattern(`user:${user}:*`)).acknowledged];
  }
}

function optionsOf(chance: Chance): LoadOptions {
  return {
    consistency: chance.fraction() < 0.25 ? 'strict' : 'default',
    ttl: chance.pick([0.1, 0.5, 60]),
    grace: chance.pick([0, 0, 0.5]),
  };
}
