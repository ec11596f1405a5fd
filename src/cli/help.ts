import type { Command } from './command.js';
import { COMMANDS } from './commands.js';

const EXIT_CODES = 'Exit code: 0 done, 1 something was found or failed, 2 the command line cannot be understood.';

/** The help: of one command, or of all. */
export function helpOf(command: Command | undefined): string {
  if (!command) return `${overview()}\n`;
  const examples = command.examples.map((example) => `  ${example}`).join('\n');
  return `${[usageOf(command), command.about, optionsOf(command), `Examples:\n${examples}`, EXIT_CODES].join('\n\n')}\n`;
}

/** The first line of a command's help. */
export function usageOf(command: Command | undefined): string {
  if (!command) return 'Usage: shadower-cache COMMAND [options]';
  const { name, arguments: args } = command;
  return `Usage: shadower-cache ${[name, ...(args === '' ? [] : [args]), '[options]'].join(' ')}`;
}

function overview(): string {
  const commands = COMMANDS.map(({ name, summary }) => [name, summary] as const);
  const where = `Which Redis, and as whom, say the variables that the application reads: REDIS_URL, REDIS_SENTINELS or
REDIS_CLUSTER_NODES, REDIS_PASSWORD, CACHE_PREFIX, from the process or .env.`;
  const more = 'shadower-cache COMMAND --help tells the options of a command, with examples.';
  return [usageOf(undefined), inColumns(commands), where, EXIT_CODES, more].join('\n\n');
}

function optionsOf({ options }: Command): string {
  const rows = Object.entries(options).map(
    ([name, { value, help }]) => [`--${name}${value === undefined ? '' : ` ${value}`}`, help] as const,
  );
  return inColumns([...rows, ['--help', 'this text']]);
}

function inColumns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`).join('\n');
}
