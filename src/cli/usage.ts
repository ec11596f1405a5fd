import { parseArgs } from 'node:util';
import type { Call, Command } from './command.js';
import { COMMANDS } from './commands.js';

/** A command line that cannot be understood; the message quotes no URL, since one may hold a password. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** Which command it was about, where that is known. */
  command?: Command;
}

/** What the command line asks for; without a command, for help. */
export type Asked = { readonly help: Command | undefined } | { readonly command: Command; readonly call: Call };

/** The arguments after the program's name. @throws UsageError */
export function parseCommandLine([name, ...rest]: readonly string[]): Asked {
  if (name === undefined || name === '--help' || name === '-h') return { help: undefined };
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) throw new UsageError(strangerOf(name));
  try {
    const call = parse(command, rest);
    if (call.values['help'] === true) return { help: command };
    checkCount(command, call.positionals);
    return { command, call };
  } catch (error) {
    if (error instanceof UsageError) error.command = command;
    throw error;
  }
}

function strangerOf(name: string): string {
  if (name.startsWith('-')) return `The command comes first; received ${quoted(name)}.`;
  return `Unknown command ${quoted(name)}; there are ${COMMANDS.map((each) => each.name).join(', ')}.`;
}

function parse({ options }: Command, args: readonly string[]): Call {
  const known = Object.entries(options).map(([name, { value, multiple }]) => {
    const type: 'boolean' | 'string' = value === undefined ? 'boolean' : 'string';
    return [name, { type, ...(multiple && { multiple }) }] as const;
  });
  const help = { type: 'boolean', short: 'h' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { ...Object.fromEntries(known), help },
      allowPositionals: true,
    });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) throw new UsageError(withoutUrls(error.message));
    throw error;
  }
}

function checkCount({ name, arguments: wanted, count: [least, most] }: Command, given: readonly string[]): void {
  if (given.length < least) throw new UsageError(`${name} needs ${wanted}.`);
  const extra = given[most];
  if (extra !== undefined) throw new UsageError(`Unexpected argument ${quoted(extra)}.`);
}

/** Whether a switch was given. */
export function flag({ values }: Call, name: string): boolean {
  return values[name] === true;
}

/** The value of an option, if it was given. */
export function text({ values }: Call, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of an option that may be said several times. */
export function texts({ values }: Call, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** A whole number. @throws UsageError */
export function wholeNumber(call: Call, name: string, { min, max, otherwise }: Bounds): number {
  const given = text(call, name);
  if (given === undefined) return otherwise;
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= min && value <= max) return value;
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}; received ${quoted(given)}.`);
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly otherwise: number;
}

/** One of a few words. @throws UsageError */
export function choice<const W extends string>(call: Call, name: string, words: readonly [W, ...W[]]): W {
  const given = text(call, name);
  if (given === undefined) return words[0];
  const known = words.find((word) => word === given);
  if (known !== undefined) return known;
  throw new UsageError(`--${name} must be ${words.join(', ')}; received ${quoted(given)}.`);
}

/** A URL of HTTP. @throws UsageError, which does not quote it */
export function httpUrl(call: Call, name: string): string | undefined {
  const given = text(call, name);
  if (given === undefined) return undefined;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given;
  throw new UsageError(`--${name} must be http://host:port/path or https://…`);
}

/** What somebody said, as it may stand in a message. */
export function quoted(said: string): string {
  return JSON.stringify(withoutUrls(said));
}

function withoutUrls(said: string): string {
  return said.replace(/:\/\/\S*/g, '://…');
}
