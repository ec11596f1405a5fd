import type { Stamp } from '../codec/envelope.js';
import { checkKey, checkList } from '../keys/alphabet.js';
import type { KeyFamily } from '../keys/key.js';
import type { Random } from '../primitives/random.js';
import { type AnnouncementsEnd, type RemoteStore, RemoteStoreError } from '../stores/contracts.js';
import type { Claim } from './flights.js';
import type { LocalView, OpenFence } from './local-view.js';
import type { ReadPlan } from './lookup.js';
import type { NotStored } from './observer.js';
import type { Reliance } from './reliance.js';

/** What late tags are settled with. */
export interface LateTagsParts {
  readonly remote: RemoteStore;
  readonly view: LocalView;
  readonly random: Random;
}

/** A load that has returned, under its lease. */
export interface Returned {
  readonly plan: ReadPlan;
  readonly claim: Claim;
  readonly open: OpenFence;
  readonly reliance: Reliance;
}

/** The generations to store a value under, or why it is not stored. */
export type Settled = readonly Stamp[] | NotStored;

/**
 * Stamps values with tags that became known after their load had begun. The generations of such tags are read after the
 * load, so one that was invalidated during it would look unchanged; every invalidation is therefore announced before it
 * changes a generation, and a load that may get late tags notes before it begins where the announcements end. One made
 * before that was of a change that the load saw. One made after they were read again changes a generation that was read
 * before: the stamp is dead. One between is found, and the value is not stored.
 */
export class LateTags {
  /** Templates whose loads got tags that nobody had told of before. */
  readonly #noticed = new WeakSet<KeyFamily>();

  constructor(private readonly parts: LateTagsParts) {}

  /** Where the announcements end now, for a load that may get late tags; `undefined` for any other. */
  begin({ key, policy }: ReadPlan): Promise<AnnouncementsEnd> | undefined {
    const mayCome = policy.lateTags || policy.tagsOf !== undefined || this.#noticed.has(key.family);
    return mayCome ? this.parts.remote.announcements(this.parts.random.token()) : undefined;
  }

  /** The generations to store what was loaded under. No round trip where nothing came late and nothing else was read. */
  async settle(returned: Returned): Promise<Settled> {
    const { claim, reliance, plan } = returned;
    const own = [...claim.tokens].map(([tag, token]) => ({ tag, token }));
    if (reliance.isUncertain) return 'uncertain';
    if (own.some(({ tag, token }) => (reliance.tokens.get(tag) ?? token) !== token)) return 'invalidated';
    const late = [...reliance.tags].filter((tag) => !claim.tokens.has(tag));
    const read = [...reliance.tokens.keys()].filter((tag) => !claim.tokens.has(tag));
    if (late.length + read.length === 0) return own;
    if (late.length > 0 && !claim.since) {
      this.#noticed.add(plan.key.family);
      return 'late-tags';
    }
    const further = await this.#further(returned, late, read);
    return typeof further === 'string' ? further : [...own, ...further];
  }

  async #further({ claim, open, reliance }: Returned, late: string[], read: string[]): Promise<Settled> {
    const { view, remote } = this.parts;
    const tags = [...new Set([...late, ...read])];
    const states = tags.map((tag) => view.generations.of(tag));
    // Before their generations are asked for: a record that arrives from now on keeps the value out of L1.
    for (const state of states) open.fence.watch(state);
    const known = new Map(states.map((state) => [state.tag, state.token]));
    const learn = (tag: string, token: string): void => {
      const state = view.generations.of(tag);
      if (open.fence.tagIntact(state)) view.generations.learnSince(state, known.get(tag), token);
    };
    try {
      const [lateTokens, readTokens] = await Promise.all([
        late.length > 0 && claim.since ? remote.mintLate(this.#named(late), claim.since) : [],
        read.length > 0 ? remote.mint(this.#named(read)) : [],
      ]);
      // Learnt whatever becomes of this value: else memory would go on serving what was read under a generation that Redis
      // has lost, and no load that reads it would ever be stored.
      for (const [i, tag] of read.entries()) learn(tag, readTokens[i] as string);
      if (!lateTokens || read.some((tag, i) => readTokens[i] !== reliance.tokens.get(tag))) return 'invalidated';
      const tokens = new Map([...late.map((tag, i) => [tag, lateTokens[i] as string] as const), ...reliance.tokens]);
      // A tag both said and read: the generation that was read must be the one in force.
      if (late.some((tag, i) => tokens.get(tag) !== lateTokens[i])) return 'invalidated';
      for (const tag of late) learn(tag, tokens.get(tag) as string);
      return tags.map((tag) => ({ tag, token: tokens.get(tag) as string }));
    } catch (error) {
      if (error instanceof RemoteStoreError) return 'degraded';
      throw error;
    }
  }

  #named(tags: readonly string[]): { readonly tag: string; readonly token: string }[] {
    return tags.map((tag) => ({ tag, token: this.parts.random.token() }));
  }
}

/** The tags that a plan makes of a value. @throws InvalidKeyError, and what the user's function throws */
export function tagsOfValue({ key, policy }: ReadPlan, value: unknown): readonly string[] {
  if (!policy.tagsOf) return [];
  const subject = `what tagsOf returns for ${key.family.label}`;
  return checkList(policy.tagsOf(value), subject, (tag) => checkKey(tag, `a tag of ${subject}`));
}
