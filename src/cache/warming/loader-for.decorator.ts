import type { LoadContext } from '../../engine/load-context.js';
import type { KeyParameters, KeyTemplate } from '../../keys/template.js';
import type { LoadOptions } from '../call-options.js';
import type { InCache } from '../methods/method-metadata.js';
import { placeOf } from '../methods/method-wrapper.js';
import { declareLoader } from './warming-metadata.js';

/** How values are loaded when no reader asks. */
export interface LoaderForOptions extends LoadOptions, InCache {
  /** Whether keys of the template that are read much are loaded again on start and after a broad invalidation. @default true */
  readonly preload?: boolean;
}

/** A decorator of a method that takes a template's parameters, and may take the context of the load. */
export type LoaderDecorator<T extends string> = <
  F extends (parameters: KeyParameters<T>, context: LoadContext) => unknown,
>(
  prototype: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<F>,
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
