import type { KeyLike } from '../call-options.js';
import type { Targets } from '../invalidation-targets.js';
import { checkTargets, targetsOf } from './cache-evict.decorator.js';
import { declare, inCache } from './method-metadata.js';
import { placeOf } from './method-wrapper.js';

/** What an event invalidates, from its payload; at least one of them. */
export interface InvalidateOnOptions<P> {
  /** Everything that carries one of the tags. */
  readonly tags?: readonly string[] | ((payload: P) => readonly string[]);
  /** One key or several, such as those of the decorated method. */
  readonly key?: KeyLike | readonly KeyLike[] | ((payload: P) => KeyLike | readonly KeyLike[]);
  /** Every key that a glob matches. */
  readonly pattern?: string | ((payload: P) => string);
  /** The name of the cache. @default the one that the decorated method caches in */
  readonly cache?: string;
}

/** An event by its name, or by the class of its payload with the name as `event`. */
export type EventName<P> = string | { readonly event: string; readonly prototype: P };

/**
 * Invalidates what a method has cached when an event is emitted on EventEmitter2: a rule of the application, declared
 * where it is needed. In force while a provider or controller with the method is part of the application. An event told
 * twice (same `eventId`) counts once; what the functions throw is logged and does not reach the emitter.
 * @throws InvalidOptionError when the class is defined: where nothing is named to invalidate
 */
export function InvalidateOn<P = never>(event: EventName<P>, options: InvalidateOnOptions<P>): MethodDecorator {
  return (prototype, name) => {
    const where = placeOf(prototype, name);
    checkTargets(options, where);
    const targets = (payload: P): Targets => targetsOf(options, undefined, [payload]);
    const rule = {
      event: typeof event === 'string' ? event : event.event,
      description: `what ${where} has cached`,
      tags: (payload: P) => targets(payload).tags ?? [],
      ...(options.key !== undefined && { keys: (payload: P) => targets(payload).keys ?? [] }),
      ...(options.pattern !== undefined && { patterns: (payload: P) => targets(payload).patterns ?? [] }),
    };
    declare(prototype, { where, method: String(name), ...inCache(options), rule });
  };
}
