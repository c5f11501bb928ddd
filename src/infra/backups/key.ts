/**
 * How a host comes by the private key that encrypted files are read with: through a pipe of its own on the user's tmpfs, which is made when
 * the work begins and gone when the key has been read. It stands in no argument and no file, and nowhere once the work has ended.
 *
 * systemd puts the environment in for `${NAME}` in these texts, so there is none.
 */
import { type Command, type Stage, shellWords } from '../../domain/command.ts';
import type { Remote } from '../../domain/place.ts';
import { lineThere, sshTo } from './remote.ts';

const PIPE = 'pipe="$XDG_RUNTIME_DIR/$0.key"; ';
/** printf is built in, so the key is nobody's argument. */
const KEY = '<(printf "%s\\n" "$key")';
const TAKE = `set -e -o pipefail; ${PIPE}trap 'rm -f -- "$pipe"' EXIT; rm -f -- "$pipe"; mkfifo -m 600 -- "$pipe"; key=$(timeout 60 cat -- "$pipe"); rm -f -- "$pipe"; `;

/** The scripts of the units; each has the unit's name for its own. */
export const DECRYPT = `${TAKE}age -d -i ${KEY}`;
export const DECRYPT_AND_TEST = `${TAKE}for file do age -d -i ${KEY} "$file" | zstd -q -t; done`;
/** The same with lines that another machine runs, each of which writes a file. */
export const decryptAndTestFrom = (ssh: string): string =>
  `${TAKE}for line do ${ssh} "$line" | age -d -i ${KEY} | zstd -q -t; done`;
/** Nothing is written but into a pipe: the key never becomes a file. */
export const TELL = `${PIPE}until [ -p "$pipe" ]; do sleep 0.1; done; cat > "$pipe"`;

/** Decrypts stdin onto stdout. */
export function decrypting(unit: string): Stage {
  return { argv: ['bash', '-c', DECRYPT, unit] };
}

/** Decrypts files, and unpacks them into nothing. */
export function decryptTest(unit: string, paths: readonly string[], remote: Remote | null): Stage {
  if (remote !== null) {
    const lines = paths.map((path) => lineThere(['cat', '--', path]));
    return { argv: ['bash', '-c', decryptAndTestFrom(shellWords(sshTo(remote))), unit, ...lines] };
  }
  return { argv: ['bash', '-c', DECRYPT_AND_TEST, unit, ...paths] };
}

/** Comes behind the command that began the unit. */
export function tellKey(unit: string): Command {
  return {
    argv: ['bash', '-c', TELL, unit],
    limit: 'quick',
    stdin: { kind: 'secret', name: 'backup-identity', label: 'the private key for backups' },
  };
}
