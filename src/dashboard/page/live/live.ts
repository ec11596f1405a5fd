import type { LiveInvalidation, StreamEvents } from '../../contract.js';
import { clock } from '../clock.js';
import { afterInvalidations, afterSnapshot, afterTick, type Link, type LiveState, NOTHING_YET } from './state.js';

/** Ticks come each second: after so many without one the figures are called old. */
const OLD_AFTER_MS = 5_000;
const REOPEN_AFTER_MS = 3_000;
/** Invalidations may come by the thousand; they are shown a few times a second. */
const GATHER_MS = 250;

type Listener = (state: LiveState) => void;

/** The one stream of the page, and what it has told so far. It connects again by itself. */
export class Live {
  #state = NOTHING_YET;
  #source: EventSource | undefined;
  #gathered: LiveInvalidation[] = [];
  readonly #listeners = new Set<Listener>();

  get state(): LiveState {
    return this.#state;
  }

  /** Tells of every change until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Connects, and stays so until the returned function is called. */
  start(): () => void {
    this.#open();
    const ends = [
      clock.every(1_000, () => {
        this.#watch();
      }),
      clock.every(GATHER_MS, () => {
        this.#deliver();
      }),
    ];
    return () => {
      for (const end of ends) end();
      this.#source?.close();
    };
  }

  #open(): void {
    const source = new EventSource('stream');
    this.#source = source;
    on(source, 'snapshot', (snapshot) => {
      this.#heard(afterSnapshot(this.#state, snapshot));
    });
    on(source, 'tick', (tick) => {
      this.#heard(afterTick(this.#state, tick));
    });
    on(source, 'invalidation', (invalidation) => {
      this.#gathered.push(invalidation);
    });
    on(source, 'warm-up', ({ cache, ...row }) => {
      const warmUps = { ...this.#state.warmUps, [`${cache} ${row.plan}`]: row };
      this.#change({ ...this.#state, warmUps });
    });
    source.onerror = () => {
      this.#failed(source);
    };
  }

  /** A browser tries again after a broken connection, but not after an answer such as 503. */
  #failed(source: EventSource): void {
    this.#link(this.#state.snapshot ? 'lost' : 'connecting');
    if (source.readyState !== EventSource.CLOSED) return;
    this.#link('lost');
    clock.after(REOPEN_AFTER_MS, () => {
      if (this.#source === source) this.#open();
    });
  }

  #heard(state: LiveState): void {
    this.#change({ ...state, link: 'live', heardAt: clock.now() });
  }

  #watch(): void {
    const { link, heardAt } = this.#state;
    if (link === 'live' && clock.now() - heardAt > OLD_AFTER_MS) this.#link('old');
    else if (link !== 'live') this.#change({ ...this.#state });
  }

  #deliver(): void {
    if (this.#gathered.length === 0) return;
    const news = this.#gathered;
    this.#gathered = [];
    this.#change(afterInvalidations(this.#state, news));
  }

  #link(link: Link): void {
    if (this.#state.link !== link) this.#change({ ...this.#state, link });
  }

  #change(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function on<Name extends keyof StreamEvents>(
  source: EventSource,
  name: Name,
  take: (data: StreamEvents[Name]) => void,
): void {
  source.addEventListener(name, (event) => {
    take(JSON.parse((event as MessageEvent<string>).data) as StreamEvents[Name]);
  });
}
