/** What is there, or will be. */
export type Awaitable<T> = T | Promise<T>;

/** `next` of a value: in this turn where the value is there. */
export function whenThere<T, U>(value: Awaitable<T>, next: (value: T) => U): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** All of `values`: in this turn where all are there. */
export function allOf<T>(values: readonly Awaitable<T>[]): Awaitable<readonly T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[]);
}
