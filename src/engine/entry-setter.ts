import { serialize } from '../codec/json.js';
import { allOf, type Awaitable, whenThere } from '../primitives/awaitable.js';
import type { Clock } from '../primitives/clock.js';
import { withDeadline } from '../primitives/deadline.js';
import { CacheError } from '../primitives/errors.js';
import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import { type RemoteStore, RemoteStoreError } from '../stores/contracts.js';
import type { EntryWriter, Prepared } from './entry-writer.js';
import { EVERYTHING } from './generations.js';
import type { Invalidator } from './invalidator.js';
import { Knowledge } from './knowledge.js';
import { tagsOfValue } from './late-tags.js';
import type { LoadLease } from './load-lease.js';
import type { LocalView, OpenFence } from './local-view.js';
import type { ReadPlan } from './lookup.js';

/** A value without an answer: `undefined`, a function or a symbol cannot be told from "nothing cached". */
export class NoValueError extends CacheError {
  constructor(key: string, value: unknown) {
    super(
      'NO_VALUE',
      'usage',
      `the value of ${key} must be JSON, null included; received ${typeof value}; use delete to remove an entry`,
      { key },
    );
  }
}

/** A value to store under a key. */
export interface Setting {
  readonly plan: ReadPlan;
  readonly value: unknown;
}

/** What sets are made with. */
export interface EntrySetterParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly remote: RemoteStore;
  readonly view: LocalView;
  readonly writer: EntryWriter;
  readonly invalidator: Invalidator;
  readonly leaseDuration: Milliseconds;
}

/** A queue is sent in a few round trips, unless a pattern is in it. */
const FLUSH_LIMIT: Milliseconds = 250;

interface PreparedSetting {
  readonly plan: ReadPlan;
  readonly prepared: Prepared;
  readonly open: OpenFence;
}

/**
 * Stores values that callers bring. A set takes the key's lease away from any load that is running, as it is newer, and
 * then fills like a load: an invalidation between the two leaves nothing behind. Other instances are told through the ledger.
 */
export class EntrySetter {
  /** How many sets wait for the queue of invalidations. */
  #waiting = 0;

  constructor(private readonly parts: EntrySetterParts) {}

  /**
   * Says for each setting whether it was stored. Three round trips, whatever their number. Redis away: nothing is stored,
   * and the invalidation of the keys is queued, so that no older value returns with Redis.
   * @throws NoValueError, ValueNotSerializableError, InvalidValueError before anything is sent
   */
  async set(settings: readonly Setting[]): Promise<boolean[]> {
    if (settings.length === 1) return this.#setEach(settings);
    // Of several settings of one key the last counts.
    const byKey = new Map(settings.map((setting) => [setting.plan.key.name, setting]));
    const stored = await this.#setEach([...byKey.values()]);
    const results = new Map([...byKey.keys()].map((key, i) => [key, stored[i] === true]));
    return settings.map(({ plan }) => results.get(plan.key.name) === true);
  }

  async #setEach(settings: readonly Setting[]): Promise<boolean[]> {
    const { view, clock, invalidator } = this.parts;
    const beganAt = clock.now();
    const preparing = allOf(settings.map((setting) => this.#prepare(setting)));
    // A set takes effect in the turn of its call, unless a schema takes longer.
    const prepared = preparing instanceof Promise ? await preparing : preparing;
    const fenced = prepared.map(({ plan, prepared }) => {
      const { name, tags } = plan.key;
      view.drop(name);
      return { plan, prepared, open: view.openFence(name, view.statesOf(tags)) };
    });
    try {
      return await this.#storeAfterQueue(fenced, beganAt);
    } catch (error) {
      if (!(error instanceof RemoteStoreError)) throw error;
      invalidator.queueUp({ keys: settings.map(({ plan }) => plan.key.name), cause: 'set failed' });
      return settings.map(() => false);
    } finally {
      for (const { open } of fenced) view.closeFence(open);
    }
  }

  /**
   * While a queue of invalidations is sent, nothing else is. Sets that joined the queue would keep this process from Redis
   * for as long as sets come, so they wait; behind those that wait already, or an older value would be the last.
   */
  async #storeAfterQueue(settings: readonly PreparedSetting[], beganAt: Milliseconds): Promise<boolean[]> {
    const { clock, invalidator } = this.parts;
    if (!invalidator.isFlushing && this.#waiting === 0) return this.#store(settings, beganAt);
    const tooLong = (): Error => new RemoteStoreError('unavailable', 'seize', 'invalidations are still being sent');
    this.#waiting += 1;
    try {
      await withDeadline(clock, FLUSH_LIMIT, invalidator.flushed, tooLong);
    } finally {
      this.#waiting -= 1;
    }
    return this.#store(settings, beganAt);
  }

  /** A setting with its value as readers will get it, and the tags that this makes. */
  #prepare({ plan, value }: Setting): Awaitable<Omit<PreparedSetting, 'open'>> {
    const { key } = plan;
    const payload = serialize(key.name, value);
    if (payload === undefined) throw new NoValueError(key.name, value);
    return whenThere(this.parts.writer.shaped(key, payload, 'set'), (prepared) => {
      const tags = tagsOfValue(plan, prepared.value);
      return { plan: tags.length > 0 ? { ...plan, key: key.withTags(tags) } : plan, prepared };
    });
  }

  async #store(settings: readonly PreparedSetting[], beganAt: Milliseconds): Promise<boolean[]> {
    const { remote, random, leaseDuration, writer, invalidator } = this.parts;
    const keys = settings.map(({ plan }) => plan.key.name);
    const token = random.token();
    const [generations] = await Promise.all([this.#generations(settings), remote.seize(keys, token, leaseDuration)]);
    const leases = keys.map((key) => ({ key, token, spent: false }));
    const stored = await Promise.all(
      settings.map(({ plan, prepared, open }, i) => {
        const stamps = [...plan.key.tags, EVERYTHING].map((tag) => ({ tag, token: generations.get(tag) as string }));
        const lifetime = writer.lifetime(plan, beganAt);
        return writer.fill({ plan, prepared, open, lifetime, lease: leases[i] as LoadLease, stamps, replaces: true });
      }),
    );
    // A value that was not sent (too large, or Redis failed) must not leave the older one, nor its lease, behind.
    const unsent = keys.filter((_, i) => !leases[i]?.spent);
    const sent = keys.filter((_, i) => leases[i]?.spent);
    const [announced] = await Promise.all([
      sent.length > 0 ? invalidator.announce(sent, 'set') : undefined,
      unsent.length > 0 ? invalidator.invalidate({ keys: unsent, cause: 'set not stored' }) : undefined,
    ]);
    // What others could not be told of is deleted again when Redis is back.
    return announced?.acknowledged === false ? stored.map(() => false) : stored;
  }

  /** The generation of every tag involved: known, asked for, or minted where missing. */
  async #generations(settings: readonly PreparedSetting[]): Promise<ReadonlyMap<string, string>> {
    const { view, remote, random } = this.parts;
    const states = new Set(settings.flatMap(({ plan }) => view.statesOf(plan.key.tags)));
    // Asked for even where known: the lease is a round trip anyway, and a stamp that is old already would make the entry useless.
    const knowledge = new Knowledge(view, true);
    const asked = knowledge.unknownOf(states);
    const wanted = asked.tags.map((tag) => ({ tag, token: random.token() }));
    knowledge.take(asked, wanted.length === 0 ? [] : await remote.mint(wanted));
    return new Map([...states].map((state) => [state.tag, knowledge.tokenOf(state) as string]));
  }
}
