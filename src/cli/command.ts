import type { Clock } from './clock.js';

/** The variables of a process. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What the command is run in. */
export interface Terminal {
  readonly variables: Variables;
  readonly clock: Clock;
  /** Whether a person reads what is printed, so that colours make sense. */
  readonly isTerminal: boolean;
  /** Whether a person reads the other stream, so that progress makes sense. */
  readonly isErrTerminal: boolean;
  /** Who runs it, for the ledger: `cli:user@host`. */
  readonly who: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Calls `listener` when the person wants it to end. */
  readonly onInterrupt: (listener: () => void) => void;
}

/** An option of a command. */
export interface Option {
  /** What its value is called in the help; absent for a switch. */
  readonly value?: string;
  /** The values that there are, where they are few. */
  readonly choices?: readonly string[];
  /** Whether it may be said several times. */
  readonly multiple?: true;
  readonly help: string;
}

/** One command, as the help, the completion and the parser know it. */
export interface Command {
  readonly name: string;
  /** How its arguments are written, such as `KEY`; empty for none. */
  readonly arguments: string;
  /** How many arguments it takes. */
  readonly count: readonly [number, number];
  /** The first arguments that there are, where they are few. */
  readonly choices?: readonly string[];
  readonly summary: string;
  /** What the help tells more, in lines. */
  readonly about: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly string[];
}

/** What was asked for. */
export interface Call {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
}

/** Does what was asked for; 0: done, 1: something was found, or failed. @throws UsageError */
export type Work = (call: Call, terminal: Terminal) => Promise<0 | 1>;
