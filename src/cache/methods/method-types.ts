import type { KeyParameters, ParameterNames } from '../../keys/template.js';

/** What the compiler says of a decorator that does not fit its method. */
export interface Misfit<Why extends string> {
  readonly [why: symbol]: Why;
  readonly mistake: Why;
}

/** A function of the options does not take what the method takes. */
export type BuilderMisfit = Misfit<'a function of this decorator does not take the arguments of the method'>;
/** A parameter of the template is not supplied. */
export type NamesMisfit<Missing extends string> = Misfit<`the arguments of the method do not supply ${Missing}`>;
/** An argument has a type that its parameter has not. */
export type TypeMisfit = Misfit<'an argument of the method cannot be the parameter that it is named as'>;

/** `unknown` where `F`, a function or not, can be called on an instance `C` with the arguments `P`. */
export type BuilderFits<F, C, P extends unknown[]> = F extends (this: never, ...args: never[]) => unknown
  ? F extends (this: C, ...args: P) => unknown
    ? unknown
    : BuilderMisfit
  : unknown;

/** `unknown` where `K` fills in the template `T` from the arguments `P`. */
export type KeyFits<K, T extends string, C, P extends unknown[]> = K extends readonly ParameterNames<T>[]
  ? [Exclude<ParameterNames<T>, K[number]>] extends [never]
    ? P extends readonly [
        ...{ [I in keyof K]: K[I] extends ParameterNames<T> ? KeyParameters<T>[K[I]] : never },
        ...unknown[],
      ]
      ? unknown
      : TypeMisfit
    : NamesMisfit<Exclude<ParameterNames<T>, K[number]>>
  : BuilderFits<K, C, P>;

/** `unknown` where every function among the options `E` can be called on an instance `C` with the arguments `P`. */
export type AllFit<E, C, P extends unknown[]> = [
  { [N in keyof E]: BuilderFits<E[N], C, P> extends BuilderMisfit ? N : never }[keyof E],
] extends [never]
  ? unknown
  : BuilderMisfit;

/** A decorated method: asynchronous, since the cache is. */
export type AsyncMethod<P extends unknown[], R> = TypedPropertyDescriptor<(...args: P) => Promise<R>>;
