import type { Clock, Timer } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
import { RemoteStoreError } from '../../stores/contracts.js';
import { type HeldNote, SharedNote, type SharedNoteParts, textOf } from './shared-note.js';

/** What turns are made with. */
export interface TurnsParts extends SharedNoteParts {
  readonly clock: Clock;
}

/** Work for one instance at a time; says whether it was done to its end. `signal` tells that it must stop. */
export type TurnWork = (signal: AbortSignal) => Promise<boolean>;

/** `ran`: here, now. `busy`: another instance is at it. `done`: it was done at that instant, and that is recent enough. */
export type TurnOutcome = { readonly kind: 'ran' | 'busy' } | { readonly kind: 'done'; readonly at: Milliseconds };

/** What the notes of turns are called, before the name of what is done in turn. */
export const TURN = '#warm:';
const REMEMBERED: Milliseconds = 7 * 86_400_000;

/**
 * Lets one instance of the fleet do something, and the others know when it was done last. Whoever dies at it loses the lease
 * after its duration, and another takes over.
 */
export class Turns {
  constructor(private readonly parts: TurnsParts) {}

  /** When it was done last; `undefined` for never, as far as Redis knows. One round trip. @throws RemoteStoreError */
  async lastDone(name: string): Promise<Milliseconds | undefined> {
    const text = await this.#note(name).read();
    return text === undefined ? undefined : instantOf(text);
  }

  /** Does `work`, unless another instance does or has done it since `since`. @throws RemoteStoreError */
  async take(name: string, since: Milliseconds, signal: AbortSignal, work: TurnWork): Promise<TurnOutcome> {
    const seized = await this.#note(name).seize((text) => instantOf(text) < since);
    if (seized.kind === 'busy') return seized;
    if (seized.kind === 'unwanted') return { kind: 'done', at: instantOf(seized.text) };
    await this.#hold(seized.note, signal, work);
    return { kind: 'ran' };
  }

  async #hold(note: HeldNote, signal: AbortSignal, work: TurnWork): Promise<void> {
    const lost = new AbortController();
    const renewal = this.#renewing(note, lost);
    let isDone = false;
    try {
      isDone = await work(AbortSignal.any([signal, lost.signal]));
    } finally {
      renewal.cancel();
      // Awaited: on shutdown the connection closes next, and another instance should not have to wait for the lease to end.
      await (isDone ? note.write(doneAt(this.parts.clock.now()), REMEMBERED) : note.release()).catch(onlyRemote);
    }
  }

  /** A lease that is lost, or may be, ends the work: another instance may have begun it. */
  #renewing(note: HeldNote, lost: AbortController): Timer {
    const { clock, duration } = this.parts;
    let timer: Timer;
    const end = (): void => lost.abort();
    const schedule = (): void => {
      timer = clock.after(duration / 3, () => {
        note.renew().then((isOurs) => (isOurs ? undefined : end()), end);
        schedule();
      });
    };
    schedule();
    return { cancel: () => timer.cancel() };
  }

  #note(name: string): SharedNote {
    return new SharedNote(this.parts, `${TURN}${name}`);
  }
}

function doneAt(now: Milliseconds): string {
  return JSON.stringify({ at: Math.round(now) });
}

/** Without Redis the lease ends by itself, and the work is done once more. */
function onlyRemote(error: unknown): void {
  if (!(error instanceof RemoteStoreError)) throw error;
}

/** When something was done last, by its note; `null` for never. */
export function doneIn(note: Buffer | null): Milliseconds | null {
  const text = note && textOf(note);
  const at = text ? instantOf(text) : -Infinity;
  return at === -Infinity ? null : at;
}

function instantOf(text: string): Milliseconds {
  try {
    const { at } = JSON.parse(text) as { at?: unknown };
    return Number.isFinite(at) ? (at as number) : -Infinity;
  } catch {
    return -Infinity;
  }
}
