import type { CacheKey } from '../../keys/key.js';
import { type KeyParameters, type KeyTemplate, parameterNames, type ParameterNames } from '../../keys/template.js';
import { InvalidOptionError } from '../../primitives/errors.js';

/**
 * How the arguments of a method fill in a template: the names of its parameters in the order of the arguments, or a
 * function of the arguments (called with the instance as `this`).
 */
export type MethodKey<T extends string> =
  readonly ParameterNames<T>[] | ((this: never, ...args: never[]) => KeyParameters<T>);

/** Makes the key of one call. */
export type KeyOfCall = (instance: unknown, args: readonly unknown[]) => CacheKey;

type Build = (this: unknown, ...args: readonly unknown[]) => Parameters<KeyTemplate>[0];

/** How a call's key is made. @throws InvalidOptionError when a parameter of the template is not supplied, or one is named that it has not */
export function keyOfCall(template: KeyTemplate, key: unknown, where: string): KeyOfCall {
  if (typeof key === 'function') return (instance, args) => template((key as Build).apply(instance, [...args]));
  const names = checkedNames(template, key ?? [], where);
  return (_instance, args) => template(Object.fromEntries(names.map((name, i) => [name, args[i]])));
}

/** `names` when they are the parameters of the template, each once. @throws InvalidOptionError */
export function checkedNames(template: KeyTemplate, names: unknown, where: string): readonly string[] {
  const wanted = parameterNames(template);
  const isList = Array.isArray(names) && names.every((name) => wanted.includes(name as string));
  if (isList && new Set(names).size === wanted.length && names.length === wanted.length) return names as string[];
  const given = Array.isArray(names) ? names.join(', ') || 'none' : names;
  throw new InvalidOptionError(
    `key of ${where}`,
    `given for each parameter of ${template.template} (${wanted.join(', ') || 'it has none'})`,
    given,
  );
}
