import { BotError } from '../domain/error.ts';
import { commonOptions } from '../operations/common-options.ts';
import { fieldsOf, flagOf } from '../operations/fields.ts';
import type { Operation } from '../operations/spec.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const COMMANDS = [
  'start',
  'check',
  'run',
  'audit',
  'manifest',
  'host',
  'backup',
  'restore',
  'demo',
  'completion',
] as const;
const RUN_FLAGS = ['--as', '--channel', '--config', '--json', '--yes', '--no-wait', '--'] as const;

/** What may follow each beginning of `hostler run -- …`: `vm` → its verbs, `vm create` → its flags. */
function table(catalog: readonly Operation[]): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, Set<string>>();
  const put = (before: string, word: string): void => {
    next.set(before, (next.get(before) ?? new Set()).add(word));
  };
  for (const operation of catalog) {
    const words = operation.name.split('.');
    words.forEach((word, i) => void put(words.slice(0, i).join(' '), word));
    const fields = fieldsOf(operation);
    const at = words.join(' ');
    for (const field of fields) {
      put(at, flagOf(field.name));
      for (const option of field.options) put(`${at} ${flagOf(field.name)}`, option);
    }
    for (const option of commonOptions(operation, fields)) put(at, option.flag);
    put(at, '--help');
  }
  return new Map([...next].map(([before, words]) => [before, [...words]]));
}

/** A completion script, to be put where the shell looks for them; its first line says how. Throws `invalid_input` for another shell. */
export function completionScript(shell: string, catalog: readonly Operation[]): string {
  const next = table(catalog);
  switch (shell) {
    case 'bash':
      return bash(next);
    case 'zsh':
      return `#compdef hostler\n# hostler completion zsh > ~/.zfunc/_hostler, with fpath+=(~/.zfunc) before compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash(next)}`;
    case 'fish':
      return fish(next);
    default:
      throw new BotError('invalid_input', `There is no completion for ${JSON.stringify(shell)}`, {
        hint: `Shells: ${SHELLS.join(', ')}.`,
      });
  }
}

/** All words stand in a `case`, so a keystroke starts no process. Names in it are ours: letters, digits, hyphens. */
function bash(next: ReadonlyMap<string, readonly string[]>): string {
  const cases = [...next].map(([before, words]) => `    '${before}') words='${words.join(' ')}' ;;`);
  return `# hostler completion bash > ~/.local/share/bash-completion/completions/hostler
_hostler_next() {
  case "$1" in
${cases.join('\n')}
    *) words='' ;;
  esac
}
_hostler() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words='' i word at=-1 path='' flag=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${COMMANDS.join(' ')} --version --help'
  elif [ "\${COMP_WORDS[1]}" = run ]; then
    for ((i = 2; i < COMP_CWORD; i++)); do
      [ "\${COMP_WORDS[i]}" = -- ] && at=$i && break
    done
    if [ "$at" -lt 0 ]; then
      words='${RUN_FLAGS.join(' ')}'
    else
      for ((i = at + 1; i < COMP_CWORD; i++)); do
        word="\${COMP_WORDS[i]}"
        flag=''
        case "$word" in --*) flag="$word"; continue ;; esac
        _hostler_next "$path"
        case " $words " in *" $word "*) path="\${path:+$path }$word" ;; esac
      done
      _hostler_next "$path\${flag:+ $flag}"
      [ -z "$words" ] && [ -n "$flag" ] && [ "\${cur#-}" != "$cur" ] && _hostler_next "$path"
    fi
  else
    case "\${COMP_WORDS[1]}" in
      audit) words='verify export --anchor --format --config' ;;
      host) words='sudoers' ;;
      completion) words='${SHELLS.join(' ')}' ;;
      manifest) words='--prefix' ;;
      check) words='--json --config' ;;
      start) words='--config' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _hostler hostler
`;
}

function fish(next: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...next]
    .filter(([before]) => !before.includes('--'))
    .map(([before, words]) => {
      // Flags may follow whatever else was given to a command.
      const more = words.includes('--help') ? ' more' : '';
      return `complete -c hostler -f -n '__hostler_at "${before}"${more}' -a '${words.join(' ')}'`;
    });
  return `# hostler completion fish > ~/.config/fish/completions/hostler.fish
function __hostler_at
    set -l words (commandline -opc)
    set -l i (contains -i -- -- $words); or return 1
    set -l said (string match -v -- '-*' $words[(math $i + 1)..])
    test "$said" = "$argv[1]"; and return 0
    test "$argv[2]" = more; and string match -q -- "$argv[1] *" "$said"
end
complete -c hostler -f -n __fish_use_subcommand -a '${COMMANDS.join(' ')}'
complete -c hostler -f -n '__fish_seen_subcommand_from run; and not contains -- -- (commandline -opc)' -a '${RUN_FLAGS.join(' ')}'
${lines.join('\n')}
`;
}
