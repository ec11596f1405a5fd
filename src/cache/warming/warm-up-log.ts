import type { Logger } from '@nestjs/common';
import type { Clock } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
import { type AnyCacheEvent, DEFAULT_CACHE } from '../cache-events.js';
import type { WarmUpEnding, WarmUpProgress } from './warm-up-events.js';

type Ended = Extract<AnyCacheEvent, { type: 'warm-up.ended' }>;

const EVERY: Milliseconds = 10_000;
const HOW: Readonly<Record<WarmUpEnding, string>> = {
  done: 'is done',
  stopped: 'was stopped; another instance goes on, or this one when it starts again',
  away: 'ended, as Redis went away; it goes on when that is back',
  failed: 'failed',
};

/** Writes how warm-ups go: one line at the end, and one every ten seconds of a long one. Never a key, nor what an error says. */
export class WarmUpLog {
  readonly #saidAt = new Map<string, Milliseconds>();

  constructor(
    private readonly logger: Pick<Logger, 'log' | 'warn'>,
    private readonly clock: Clock,
  ) {}

  readonly listen = (event: AnyCacheEvent, cache = DEFAULT_CACHE): void => {
    if (!('plan' in event)) return;
    const name = cache === DEFAULT_CACHE ? event.plan : `${event.plan} of the cache ${cache}`;
    if (event.type === 'warm-up.began') this.#saidAt.set(name, this.clock.now());
    else if (event.type === 'warm-up.key') this.#goesOn(name, event.progress);
    else if (event.type === 'warm-up.ended') this.#ended(name, event);
    else this.logger.warn(`Warm-up ${name} waits: Redis is away, and what is loaded could not be kept.`);
  };

  #goesOn(name: string, progress: WarmUpProgress): void {
    const now = this.clock.now();
    if (now - (this.#saidAt.get(name) ?? now) < EVERY) return;
    this.#saidAt.set(name, now);
    this.logger.log(`Warm-up ${name}: ${told(progress)}.`);
  }

  #ended(name: string, { how, took, progress, error }: Ended): void {
    const why = error instanceof Error ? ` (${error.name})` : '';
    const text = `Warm-up ${name} ${HOW[how]}${why}: ${told(progress)}, in ${(took / 1000).toFixed(1)} s.`;
    if (how === 'failed' || progress.failed > 0) this.logger.warn(text);
    else this.logger.log(text);
  }
}

function told({ keys, loaded, present, failed }: WarmUpProgress): string {
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  return `${loaded + present + failed} of ${keys} keys, ${loaded} loaded, ${present} cached already${failures}`;
}
