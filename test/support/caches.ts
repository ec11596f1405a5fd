export { type CacheInstance as TestCache, makeCache, startCache, until } from '../../src/testing/cache-instance.js';

/** A promise to be settled by hand. */
export interface Gate<T> {
  readonly opened: Promise<T>;
  open(value: T): void;
  fail(error: Error): void;
}

export function gate<T = void>(): Gate<T> {
  let open!: (value: T) => void;
  let fail!: (error: Error) => void;
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}
