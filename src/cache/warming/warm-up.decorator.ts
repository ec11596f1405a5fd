import type { KeyParameters, KeyTemplate } from '../../keys/template.js';
import { finiteNumber } from '../../primitives/checks.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { Seconds } from '../../primitives/units.js';
import type { InCache } from '../methods/method-metadata.js';
import { declareWarmUp } from './warming-metadata.js';

/** What a warm-up loads, and when. */
export interface WarmUpOptions<T extends string, C> extends InCache {
  /** The template of its keys; a provider has to have a method with `LoaderFor` for it. */
  readonly template: KeyTemplate<T>;
  /** The parameters of its keys, or a function of the decorated provider that returns them: asked by the instance whose turn it is. */
  readonly keys:
    readonly KeyParameters<T>[] | ((provider: C) => readonly KeyParameters<T>[] | Promise<readonly KeyParameters<T>[]>);
  /** Seconds from the end of one run to the next, by whichever instance; at most 6 days. @default once */
  readonly every?: Seconds;
  /** Whether it runs when an instance starts. `'wait'`: the instance is not ready before, for 30 s at most. @default true */
  readonly onBoot?: boolean | 'wait';
  /** What events, metrics, the log and Redis call it: 1 to 64 characters of a-z A-Z 0-9 _ - . @default the name of the class */
  readonly name?: string;
}

const LONGEST_EVERY: Seconds = 518_400;
const NAME = /^[a-zA-Z0-9_.-]{1,64}$/;

/**
 * A provider that names keys which are to be loaded before anybody asks: when an instance starts, and again as often as it
 * says. One instance does it at a time, and no reader waits for it: its loads take their turn behind all others. Keys that
 * are cached already are not loaded. Without Redis nothing is loaded until it is back.
 * @throws InvalidOptionError when the class is defined: for an option that breaks a rule
 */
export function WarmUp<const T extends string, C extends object>(
  options: WarmUpOptions<T, C>,
): (target: abstract new (...args: never[]) => C) => void {
  return (target) => {
    const name = options.name ?? target.name;
    if (!NAME.test(name))
      throw new InvalidOptionError(
        `name of the warm-up ${target.name}`,
        '1 to 64 characters of a-z A-Z 0-9 _ - .',
        name,
      );
    const { every, onBoot = true, keys } = options;
    if (every !== undefined) finiteNumber(`every of the warm-up ${name}`, every, { min: 1, max: LONGEST_EVERY });
    if (every === undefined && onBoot === false)
      throw new InvalidOptionError(
        `every of the warm-up ${name}`,
        'given where onBoot is false, or it would never run',
        every,
      );
    declareWarmUp(target, {
      ...{ name, template: options.template, cache: options.cache, onBoot },
      every: every === undefined ? undefined : every * 1000,
      keys: async (provider) => (typeof keys === 'function' ? keys(provider as C) : keys),
    });
  };
}
