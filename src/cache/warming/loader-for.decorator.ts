import type { LoadContext } from '../../engine/load-context.js';
import type { KeyParameters, KeyTemplate } from '../../keys/template.js';
import type { LoadOptions } from '../call-options.js';
import type { InCache } from '../methods/method-metadata.js';
import type { Misfit } from '../methods/method-types.js';
import { placeOf } from '../methods/method-wrapper.js';
import { declareLoader } from './warming-metadata.js';

/** How values are loaded when no reader asks. */
export interface LoaderForOptions extends LoadOptions, InCache {
  /** Whether keys of the template that are read much are loaded again on start and after a broad invalidation. @default true */
  readonly preload?: boolean;
}

/** What the compiler says of a method that does not take what a loader is given. */
export type LoaderMisfit =
  Misfit<'the method does not take the parameters of the template and the context of the load'>;

/** A decorator of a method that takes a template's parameters, and may take the context of the load. */
export type LoaderDecorator<T extends string> = <P extends unknown[], R>(
  prototype: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<(...args: P) => R> &
    ([KeyParameters<T>, LoadContext] extends readonly [...P, ...unknown[]] ? unknown : LoaderMisfit),
) => void;

/**
 * A method of a provider that loads the values of a template when no reader asks: for `WarmUp`, and for keys that are read
 * much. It gets the parameters of the key, each as text, and the context of the load. Give the options, such as tags, that
 * readers give: an entry without a tag that a reader names is none for him. One for a template.
 */
export function LoaderFor<const T extends string>(
  template: KeyTemplate<T>,
  options: LoaderForOptions = {},
): LoaderDecorator<T> {
  return (prototype, name) => {
    const { preload = true, cache, ...load } = options;
    const where = placeOf(prototype, name);
    declareLoader(prototype, { where, method: name, template, cache, options: load, isPreloaded: preload });
  };
}
