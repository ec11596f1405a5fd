import type { Terminal, Work } from './command.js';
import { helpOf, usageOf } from './help.js';
import { parseCommandLine, UsageError } from './usage.js';

/** What each command does. Loaded when it is asked for: the help must not wait for Nest. */
const WORKS: Readonly<Record<string, () => Promise<Work>>> = {
  stats: async () => (await import('./commands/stats.js')).stats,
  top: async () => (await import('./commands/top.js')).top,
  keys: async () => (await import('./commands/keys.js')).keys,
  explain: async () => (await import('./commands/explain.js')).explain,
  invalidate: async () => (await import('./commands/invalidate.js')).invalidate,
  history: async () => (await import('./commands/history.js')).history,
  watch: async () => (await import('./commands/watch.js')).watch,
  advise: async () => (await import('./commands/advise.js')).advise,
  warm: async () => (await import('./commands/warm.js')).warm,
  doctor: async () => (await import('./commands/doctor.js')).doctor,
  completion: async () => (await import('./commands/completion.js')).completion,
};

/** Runs a command and says its exit code: 0 done, 1 something was found or failed, 2 the command line cannot be understood. */
export async function run(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  try {
    const asked = parseCommandLine(args);
    if ('help' in asked) {
      terminal.out(helpOf(asked.help));
      return 0;
    }
    return await work(asked.command.name, asked, terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`${error.message}\n${usageOf(error.command)}\nshadower-cache --help tells more.\n`);
    return 2;
  }
}

async function work(
  name: string,
  { command, call }: Extract<ReturnType<typeof parseCommandLine>, { readonly call: unknown }>,
  terminal: Terminal,
): Promise<0 | 1> {
  const load = WORKS[name];
  if (!load) throw new TypeError(`${name} does nothing`);
  try {
    return await (
      await load()
    )(call, terminal);
  } catch (error) {
    if (error instanceof UsageError) error.command = command;
    throw error;
  }
}
