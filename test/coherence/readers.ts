import type { LoadOptions } from '../../src/cache/call-options.js';
import type { LoadContext } from '../../src/engine/load-context.js';
import { LoadTimeoutError } from '../../src/engine/loader-run.js';
import type { Consistency } from '../../src/engine/lookup.js';
import type { Chance } from './chance.js';
import { type Context, pause, turn, type Value } from './context.js';
import { KIND, monotonic } from './history.js';
import { KEYS, LATE_KEYS, lateKey, NAMES, tagsOfLate } from './source.js';

const TIERS = { l1: 0, l2: 1, loader: 2 } as const;

/** A loader that fails, as sources do. */
class SourceFailed extends Error {}

function isExpected(error: unknown): boolean {
  return error instanceof SourceFailed || error instanceof LoadTimeoutError;
}

/** Lifetimes and patience in every mixture. */
function manner(chance: Chance): LoadOptions {
  return {
    ttl: chance.pick([0.03, 0.3, 60]),
    grace: chance.pick([0, 0.5, 60]),
    softTimeoutMs: chance.pick([0, 0, 10]),
    hardTimeoutMs: chance.pick([20, 30_000]),
    refreshAhead: chance.pick([1, 1, 0.3]),
    throttleMs: chance.pick([0, 20]),
  };
}

/** Reads keys in every way there is, and notes what came. */
export class Readers {
  constructor(private readonly context: Context) {}

  async run(chance: Chance): Promise<void> {
    for (let i = 0; !this.context.isOver(); i += 1) {
      const consistency = this.#consistency(chance);
      const kind = chance.fraction();
      if (kind < 0.03) await this.#many(chance, consistency);
      else if (kind < 0.05) await this.#batch(chance, consistency);
      else if (kind < 0.25) await this.#late(chance, consistency);
      else if (kind < 0.35) await this.#nested(chance, consistency);
      else await this.#one(chance, consistency);
      if (i % 4 === 0) await turn();
    }
  }

  #consistency(chance: Chance): Consistency {
    const { mode } = this.context;
    return mode === 'mixed' ? chance.pick(['strict', 'default'] as const) : mode;
  }

  async #one(chance: Chance, consistency: Consistency): Promise<void> {
    const key = chance.below(KEYS.length);
    const options = { consistency, ...manner(chance) };
    const begin = monotonic();
    try {
      const { value, source } = await this.context.cache.lookup(
        KEYS[key] as string,
        this.#loader(key, chance),
        options,
      );
      this.#note(consistency, { key, begin, value, how: TIERS[source] });
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
  }

  /** A key whose tags become known while it is loaded, or by its value. */
  async #late(chance: Chance, consistency: Consistency): Promise<void> {
    const i = chance.below(LATE_KEYS);
    const [{ late: key }, begin] = [lateKey(i), monotonic()];
    try {
      const { load, ...options } = this.#lateLoad(i, chance, consistency);
      const { value, source } = await this.context.cache.lookup<Value>(NAMES[key] as string, load, options);
      this.#note(consistency, { key, begin, value, how: TIERS[source] });
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
  }

  /** A key whose loader reads another key, which is cached or loaded within the load. */
  async #nested(chance: Chance, consistency: Consistency): Promise<void> {
    const i = chance.below(LATE_KEYS);
    const [{ late, nested: key }, begin] = [lateKey(i), monotonic()];
    const { load, ...inner } = this.#lateLoad(i, chance, consistency);
    const wait = chance.pick([0, chance.between(2, 80)]);
    const loader = async (): Promise<Value> => {
      const value = await this.context.cache.getOrLoad<Value>(NAMES[late] as string, load, inner);
      if (wait > 0) await pause(wait);
      return value;
    };
    try {
      const options = { consistency, ...manner(chance) };
      const { value, source } = await this.context.cache.lookup<Value>(NAMES[key] as string, loader, options);
      this.#note(consistency, { key, begin, value, how: TIERS[source] });
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
  }

  #lateLoad(
    i: number,
    chance: Chance,
    consistency: Consistency,
  ): LoadOptions & { readonly load: (context: LoadContext<Value>) => Promise<Value> } {
    const how = chance.pick(['before', 'after', 'by value'] as const);
    const mayKeep = chance.fraction() < 0.5;
    const loader = this.#loader(lateKey(i).late, chance);
    const load = async (context: LoadContext<Value>): Promise<Value> => {
      if (how === 'before') this.context.cache.dependsOn(...tagsOfLate(i));
      const value = await loader();
      if (how === 'after') context.addTags(tagsOfLate(i));
      // The source has not changed: what was loaded before is as good.
      return mayKeep && context.previous?.value.version === value.version ? context.notModified() : value;
    };
    const tagsOf = how === 'by value' ? { tagsOf: () => tagsOfLate(i) } : { lateTags: true };
    return { consistency, ...manner(chance), ...tagsOf, load };
  }

  async #batch(chance: Chance, consistency: Consistency): Promise<void> {
    const keys = [...new Set([0, 1, 2, 3].map(() => chance.below(KEYS.length)))];
    const loaders = new Map(keys.map((key) => [KEYS[key] as string, this.#loader(key, chance)]));
    const begin = monotonic();
    try {
      const values = await this.context.cache.getOrLoadMany<Value>(
        [...loaders.keys()],
        (missing) => Promise.all(missing.map((name) => (loaders.get(String(name)) as () => Promise<Value>)())),
        { consistency, ...manner(chance) },
      );
      for (const [i, value] of values.entries())
        this.#note(consistency, { key: keys[i] as number, begin, value, how: TIERS.l2 });
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
  }

  async #many(chance: Chance, consistency: Consistency): Promise<void> {
    const keys = [0, 1, 2, 3].map(() => chance.below(KEYS.length));
    const begin = monotonic();
    const values = await this.context.cache.getMany<Value>(
      keys.map((key) => KEYS[key] as string),
      { consistency },
    );
    for (const [i, value] of values.entries())
      if (value) this.#note(consistency, { key: keys[i] as number, begin, value, how: TIERS.l2 });
  }

  #loader(key: number, chance: Chance): () => Promise<Value> {
    const [kind, wait] = [chance.fraction(), chance.between(2, 80)];
    return async () => {
      const begin = monotonic();
      if (kind < 0.05) throw new SourceFailed();
      const version = await this.context.source.read(key);
      // Slow after reading: the value is old before it is stored.
      if (kind > 0.4) await pause(wait);
      const { process, history } = this.context;
      history.add({ kind: KIND.load, process, key, begin, end: monotonic(), version, since: 0, how: 0 });
      return { version, since: 0 };
    };
  }

  #note(
    consistency: Consistency,
    { key, begin, value, how }: { key: number; begin: number; value: Value; how: number },
  ): void {
    const kind = consistency === 'strict' ? KIND.strictRead : KIND.defaultRead;
    this.context.history.add({ kind, process: this.context.process, key, begin, end: monotonic(), ...value, how });
  }
}
