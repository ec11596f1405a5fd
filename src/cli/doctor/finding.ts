/** `unknown`: it could not be looked at, and the remedy says how to. */
export type Status = 'pass' | 'warn' | 'fail' | 'unknown';

/** What one check found. Neither text holds a secret, nor a message of the server, which may quote one. */
export interface Finding {
  readonly status: Status;
  /** The value that was seen. */
  readonly observed: string;
  /** What to do, in one line; absent where nothing is. */
  readonly remedy?: string;
}

/** As it should be. */
export function pass(observed: string): Finding {
  return { status: 'pass', observed };
}

/** Works, but is a risk. */
export function warn(observed: string, remedy: string): Finding {
  return { status: 'warn', observed, remedy };
}

/** Not fit for production. */
export function fail(observed: string, remedy: string): Finding {
  return { status: 'fail', observed, remedy };
}

/** Could not be looked at. */
export function unknown(observed: string, remedy: string): Finding {
  return { status: 'unknown', observed, remedy };
}
