import { readPlace } from '../domain/place.ts';
import type { CheckLine, Ran } from '../operations/ports.ts';
import { lastWords } from './answer.ts';
import { NOT_REACHED, TARGET_KEY, TARGET_KNOWN } from './backups/remote.ts';

/** What a host's look at a machine for backups means (`backups.target`), and what to do where it can't work there. */
export function backupMachine(answer: Ran, directory: string, user: string): CheckLine[] {
  const { remote, path } = readPlace(directory);
  const { user: login = '', address = '', port = 22 } = remote ?? {};
  const bad = (what: string, hint: string): CheckLine[] => [{ ok: false, what, hint }];
  if (answer.exit === NOT_REACHED) {
    const why = lastWords(answer, 1);
    return bad(`${directory} can’t be reached for backups: ${why}`, cureFor(why, { user, login, address, port }));
  }
  if (answer.exit === 0 && answer.stdout.startsWith('writable'))
    return [{ ok: true, what: `${directory} can be reached for backups, and is writable`, hint: null }];
  return bad(
    `${directory} is not there for backups, or ${login} may not write to it`,
    `On ${address}: \`install -d -o ${login} -g ${login} -m 0700 ${path}\`.`,
  );
}

function cureFor(
  why: string,
  { user, login, address, port }: { user: string; login: string; address: string; port: number },
): string {
  if (/host key/i.test(why)) {
    const scan = `ssh-keyscan -t ed25519 -p ${port} ${address} > ${TARGET_KNOWN}`;
    return `On the host, as ${user}: \`${scan}\`, and compare it with the machine’s own \`/etc/ssh/ssh_host_ed25519_key.pub\`.`;
  }
  if (/permission denied/i.test(why))
    return `On the host, as ${user}: \`ssh-keygen -t ed25519 -N '' -f ${TARGET_KEY}\`; put ${TARGET_KEY}.pub into ~${login}/.ssh/authorized_keys on ${address}.`;
  return `Is ${address} up, and does it listen on port ${port} for this host? Its firewall may say no.`;
}
