import type { Call, Terminal } from '../command.js';
import { SHELLS } from '../commands.js';
import { bashScript, fishScript, zshScript } from '../completion.js';
import { quoted, UsageError } from '../usage.js';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** A script that completes commands and options. */
export function completion({ positionals: [said = ''] }: Call, { out }: Terminal): Promise<0 | 1> {
  const shell = SHELLS.find((each) => each === said);
  if (!shell) throw new UsageError(`completion knows ${SHELLS.join(', ')}; received ${quoted(said)}.`);
  out(SCRIPTS[shell]());
  return Promise.resolve(0);
}
