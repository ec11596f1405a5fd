import { Redis } from 'ioredis';
import { InvalidKeyError } from '../../src/keys/alphabet.js';
import type { Implementations } from '../../src/cache/implementations.js';
import type { Chance } from '../coherence/chance.js';
import { startCache, type TestCache } from '../support/caches.js';
import type { RedisServer } from '../support/redis-server.js';
import { isPattern } from './key-rule.js';
import { patternLike, randomKey, randomPattern } from './pattern-attack.js';
import { globMatches } from './reference-glob.js';
import { Score } from './score.js';

const PREFIX = 'app';
/** Prefixes whose names a careless pattern would reach. */
const NEIGHBOURS = ['ap', 'app2', 'appx', 'app:e', 'app-', 'APP', 'my-app', 'app.e', 'other'];
const POPULATION = 120;

/** Names that are not entries or leases of the prefix; whatever is cleared, they stay. */
function strangers(keys: readonly string[]): string[] {
  const ofNeighbours = NEIGHBOURS.flatMap((prefix, i) =>
    keys
      .filter((_, at) => at % NEIGHBOURS.length === i)
      .flatMap((key) => [`${prefix}:e:{${key}}`, `${prefix}:l:{${key}}`]),
  );
  const bare = keys
    .slice(0, 20)
    .flatMap((key) => [key, `${PREFIX}:${key}`, `${PREFIX}:g:{${key}}`, `e:{${key}}`, `{${key}}`]);
  return [...ofNeighbours, ...bare];
}

/** A database with the keys of a cache and of its neighbours, at which patterns are shot. */
export class Range {
  readonly score: Score;
  readonly #keys: string[];
  readonly #strangers: string[];

  private constructor(
    private readonly admin: Redis,
    private readonly instance: TestCache,
    private readonly chance: Chance,
    name: string,
  ) {
    this.score = new Score(name);
    this.#keys = [...new Set(Array.from({ length: POPULATION }, () => randomKey(chance)))];
    this.#strangers = strangers(this.#keys);
  }

  static async open(
    redis: RedisServer,
    chance: Chance,
    { name, parts }: { readonly name: string; readonly parts?: Partial<Implementations> },
  ): Promise<Range> {
    const admin = new Redis(redis.url, { disableClientInfo: true });
    // Before there is a cache: one that finds its ledger gone repeats what it has invalidated lately.
    await admin.flushall();
    const options = { redis: { url: redis.url, commandTimeoutMs: 10_000 }, prefix: PREFIX, invalidationSpacingMs: 0 };
    const instance = await startCache(options, parts);
    return new Range(admin, instance, chance, name);
  }

  /** Shoots so many patterns; after each it looks at all that is left, and puts back what is gone. */
  async shoot(count: number): Promise<Score> {
    await this.#restore([...this.#names(), ...this.#strangers]);
    for (let i = 0; i < count; i += 1) {
      await this.#shootOne(this.#pattern(), i);
      if (i % 100 === 0) this.score.progress(i, count);
    }
    return this.score;
  }

  async close(): Promise<void> {
    await this.instance.close();
    this.admin.disconnect();
  }

  /** Half of them are made of keys that are there. */
  #pattern(): string {
    const { chance } = this;
    return chance.fraction() < 0.5 ? patternLike(chance.pick(this.#keys), chance) : randomPattern(chance);
  }

  async #shootOne(pattern: string, turn: number): Promise<void> {
    const { score } = this;
    const isFit = isPattern(pattern);
    const removed = await this.#clear(pattern, turn % 2 === 0);
    score.count(removed === undefined ? 'patterns refused' : 'patterns cleared');
    if ((removed !== undefined) !== isFit)
      score.violation(`${JSON.stringify(pattern)} was ${isFit ? 'refused' : 'taken'}`);
    const gone = isFit ? this.#keys.filter((key) => globMatches(pattern, key)) : [];
    if (isFit && removed !== gone.length) score.violation(`${pattern} removed ${removed}, not ${gone.length}`);
    await this.#check(pattern, new Set(gone));
  }

  /** How many entries were removed, or `undefined` where the pattern was refused. */
  async #clear(pattern: string, isByService: boolean): Promise<number | undefined> {
    const { cache, invalidation } = this.instance;
    try {
      if (isByService) return await cache.clearPattern(pattern);
      return (await invalidation.pattern(pattern)).removed;
    } catch (error) {
      if (error instanceof InvalidKeyError) return undefined;
      throw error;
    }
  }

  async #check(pattern: string, gone: ReadonlySet<string>): Promise<void> {
    const { score } = this;
    const left = new Set(await this.admin.keys('*'));
    const lost: string[] = [];
    for (const key of this.#keys) {
      const names = namesOf(key);
      const stays = !gone.has(key);
      for (const name of names.filter((each) => left.has(each) !== stays))
        score.violation(`after ${pattern} there is ${stays ? 'no' : 'still'} ${name}`);
      score.count(stays ? 'keys that stayed' : 'keys that went');
      lost.push(...names.filter((name) => !left.has(name)));
    }
    for (const name of this.#strangers.filter((each) => !left.has(each))) {
      score.violation(`${pattern} removed ${name}, which is outside the prefix`);
      lost.push(name);
    }
    score.count('names outside the prefix that stayed', this.#strangers.length);
    await this.#restore(lost);
  }

  async #restore(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.admin.mset(...names.flatMap((name) => [name, 'x']));
  }

  #names(): string[] {
    return this.#keys.flatMap(namesOf);
  }
}

/** An entry and a lease. */
function namesOf(key: string): string[] {
  return [`${PREFIX}:e:{${key}}`, `${PREFIX}:l:{${key}}`];
}
