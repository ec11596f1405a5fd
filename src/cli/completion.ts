import type { Command } from './command.js';
import { COMMANDS } from './commands.js';

/** Completes by the word before, else by the command: its options, or the first arguments that there are. */
export function bashScript(): string {
  const names = COMMANDS.map(({ name }) => name).join(' ');
  const cases = COMMANDS.map(bashCase).join('\n');
  return `_shadower_cache() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} --help" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _shadower_cache shadower-cache
`;
}

/** zsh runs what bash does. */
export function zshScript(): string {
  return `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bashScript()}`;
}

/** One line for each command and option. */
export function fishScript(): string {
  const lines = COMMANDS.flatMap(({ name, summary, choices, options }) => [
    `complete -c shadower-cache -f -n __fish_use_subcommand -a ${name} -d ${quotedForFish(summary)}`,
    ...(choices ? [`complete -c shadower-cache -f -n ${within(name)} -a ${quotedForFish(choices.join(' '))}`] : []),
    ...Object.entries(options).map(([option, { value, choices: words, help }]) => {
      const taken = words ? ` -x -a ${quotedForFish(words.join(' '))}` : value === undefined ? '' : ' -r';
      return `complete -c shadower-cache -n ${within(name)} -l ${option}${taken} -d ${quotedForFish(help)}`;
    }),
  ]);
  return `${lines.join('\n')}\n`;
}

function bashCase({ name, options, choices = [] }: Command): string {
  const chosen = Object.entries(options).flatMap(([option, { choices: words }]) =>
    words ? [`        --${option}) words="${words.join(' ')}" ;;`] : [],
  );
  const names = [...Object.keys(options), 'help'].map((option) => `--${option}`).join(' ');
  const first = choices.length === 0 ? [] : [`        ${name}) words="${choices.join(' ')}" ;;`];
  return [
    `    ${name})`,
    '      case "$before" in',
    ...[...chosen, ...first, `        *) words="${names}" ;;`],
    '      esac ;;',
  ].join('\n');
}

function within(command: string): string {
  return quotedForFish(`__fish_seen_subcommand_from ${command}`);
}

function quotedForFish(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
