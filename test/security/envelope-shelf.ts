import { Redis } from 'ioredis';
import type { Chance } from '../coherence/chance.js';
import { startCache, type TestCache } from '../support/caches.js';
import type { RedisServer } from '../support/redis-server.js';
import type { EnvelopeAttack } from './envelope-attack.js';
import type { Mutation } from './mutations.js';
import { Score } from './score.js';
import { type Specimen, specimens } from './specimens.js';

const BATCH = 250;

/** The largest entry that the cache takes, in bytes: the module's default. */
export const LONGEST_ENTRY = 1_048_576;

/** A cache whose entries somebody else has written: what its readers get is held against what was stored. */
export class Shelf {
  private constructor(
    private readonly admin: Redis,
    private readonly instance: TestCache,
    private readonly chance: Chance,
  ) {}

  static async open(redis: RedisServer, chance: Chance): Promise<Shelf> {
    const instance = await startCache({
      redis: { url: redis.url, commandTimeoutMs: 10_000 },
      memory: { maxEntries: 0 },
      ttlJitter: 0,
    });
    return new Shelf(new Redis(redis.url, { disableClientInfo: true }), instance, chance);
  }

  async close(): Promise<void> {
    await this.instance.close();
    this.admin.disconnect();
  }

  /**
   * Stores so many mutated entries and reads each. What comes back of damage is the value that was under that key, or
   * none; of forgeries, which have a checksum that is right, it is only said that no reader fails.
   */
  async read({ name, mutations, isBlind, count }: EnvelopeAttack): Promise<Score> {
    const score = new Score(name);
    const entries = await this.#entries(count);
    const ways = Object.entries(mutations);
    for (let done = 0; done < count; done += entries.length) {
      const trials = entries.map((asked, i) => this.#trial(asked, entries, ways[(done + i) % ways.length] as Way));
      await this.admin.mset(...trials.flatMap(({ asked, bytes }) => [nameOf(asked.key), bytes]));
      const values = await this.instance.cache.getMany(trials.map(({ asked }) => asked.key));
      for (const [i, trial] of trials.entries()) judge(score, { ...trial, value: values[i] }, isBlind);
      score.progress(done, count);
    }
    return score;
  }

  /** The bytes of an entry that the cache itself has written. */
  async entry(key: string, value: unknown): Promise<Buffer> {
    await this.instance.cache.set(key, value);
    return (await this.admin.getBuffer(nameOf(key))) as Buffer;
  }

  /** The value under a key that holds these bytes, or `null`. */
  async valueOf(key: string, bytes: Buffer): Promise<unknown> {
    await this.admin.set(nameOf(key), bytes);
    return this.instance.cache.get(key);
  }

  /** Entries that the cache itself has written. */
  async #entries(count: number): Promise<Specimen[]> {
    const made = specimens(this.chance, Math.min(BATCH, count));
    await this.instance.cache.setMany(made.map(({ key, payload }) => [key, JSON.parse(payload) as unknown]));
    const stored = await this.admin.mgetBuffer(made.map(({ key }) => nameOf(key)));
    return made.map((specimen, i) => ({ ...specimen, bytes: stored[i] as Buffer }));
  }

  /** One in ten is left as it is: a cache that serves nothing would pass otherwise. */
  #trial(asked: Specimen, entries: readonly Specimen[], [how, mutate]: Way): Trial {
    const isLeft = this.chance.fraction() < 0.1;
    return { how, asked, bytes: isLeft ? asked.bytes : mutate(this.chance, asked, this.chance.pick(entries)) };
  }
}

type Way = [string, Mutation];

interface Trial {
  readonly how: string;
  readonly asked: Specimen;
  readonly bytes: Buffer;
}

function nameOf(key: string): string {
  return `shadower:e:{${key}}`;
}

function judge(
  score: Score,
  { how, asked, bytes, value }: Trial & { readonly value: unknown },
  isBlind: boolean,
): void {
  const isWhole = bytes.equals(asked.bytes);
  score.count(`${isWhole ? 'whole' : 'mutated'} entries, ${value === null ? 'missed' : 'served'}`);
  if (isWhole && JSON.stringify(value) !== asked.payload) score.violation(`${asked.key} was not served as it is`);
  if (isBlind && !isWhole && value !== null)
    score.violation(`${how}: ${asked.key} was served ${JSON.stringify(value)}`);
}
