// Ssh key pairs, made with ssh-keygen.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { run } from './command.ts';

/** The pair in `file` and `file.pub`, made when it isn't there. Gives the public key, `ssh-ed25519 AAAA… comment`. */
export async function ensureKey(file: string, comment: string): Promise<string> {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
  }
  return readFileSync(`${file}.pub`, 'utf8').trim();
}
