import { type Gate, gate } from '../../test/support/caches.js';

/** A load that has read the source and is kept from returning. */
export interface HeldLoad {
  /** Resolves when a load has read the source. */
  readonly started: Promise<void>;
  release(): void;
}

/** The truth that nodes load: a number that grows. */
export class Source {
  #version = 1;
  #held: { readonly started: Gate<void>; readonly released: Gate<void> } | undefined;

  get version(): number {
    return this.#version;
  }

  change(): void {
    this.#version += 1;
  }

  /** From now until it is released, every load waits after it has read. */
  hold(): HeldLoad {
    const held = { started: gate(), released: gate() };
    this.#held = held;
    return {
      started: held.started.opened,
      release: () => {
        this.#held = undefined;
        held.released.open();
      },
    };
  }

  readonly load = async (): Promise<number> => {
    const seen = this.#version;
    this.#held?.started.open();
    await this.#held?.released.opened;
    return seen;
  };
}
