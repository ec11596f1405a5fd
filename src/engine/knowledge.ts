import type { TagState } from './generations.js';
import type { LocalView } from './local-view.js';

/** Generations to ask Redis for, with what was known when the question was put. */
export interface Questions {
  readonly states: readonly TagState[];
  readonly tags: readonly string[];
  readonly epochs: readonly number[];
  readonly known: readonly (string | undefined)[];
}

/** The generations that one read relies on: those this process knew, and those it asked for. In strict mode it knows none. */
export class Knowledge {
  readonly #tokens = new Map<TagState, string | undefined>();
  readonly #asked = new Set<TagState>();

  constructor(
    private readonly view: LocalView,
    private readonly strict: boolean,
  ) {}

  /** The generation of a tag; `undefined` when it is missing in Redis, which means changed. */
  tokenOf(state: TagState): string | undefined {
    return this.#tokens.get(state);
  }

  /** Takes what the process knows of `states` and returns the questions about the rest. */
  unknownOf(states: Iterable<TagState>): Questions {
    const unknown = [...states].filter((state) => {
      const token = this.strict ? undefined : this.view.known(state);
      if (token !== undefined) this.#tokens.set(state, token);
      return token === undefined;
    });
    return this.questionsFor(unknown);
  }

  questionsFor(states: Iterable<TagState>): Questions {
    const list = [...states];
    return {
      states: list,
      tags: list.map(({ tag }) => tag),
      epochs: list.map(({ epoch }) => epoch),
      known: list.map(({ token }) => token),
    };
  }

  /**
   * Whether a stamp differs from what was not asked but known. The knowledge may be what is wrong: a command that missed
   * its deadline can still be executed and change a generation without anybody being told.
   */
  doubts(state: TagState, stamped: string): boolean {
    if (this.#tokens.get(state) === stamped || this.#asked.has(state)) return false;
    if (!this.#tokens.has(state)) this.unknownOf([state]);
    return this.#tokens.get(state) !== stamped;
  }

  /**
   * Takes Redis's answers. Each was given after this read began, so it is good enough for the read, whatever the process
   * has been told meanwhile; but one that raced with an invalidation of its tag is not remembered.
   */
  take({ states, epochs, known }: Questions, answers: readonly (string | null)[]): void {
    for (const [i, state] of states.entries()) {
      const token = answers[i] ?? undefined;
      if (state.epoch === epochs[i] && token !== undefined) this.view.generations.learnSince(state, known[i], token);
      this.#asked.add(state);
      this.#tokens.set(state, token);
    }
  }
}
