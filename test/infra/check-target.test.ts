import { expect, it } from 'vitest';
import { backupMachine } from '../../src/infra/check-target.ts';
import { answered } from '../kit/recorded.ts';

const TARGET = 'ssh://backup@nas.example:2222/srv/b';

it.each([
  [0, 'writable\nAvail\n1000\n', '', true, /can be reached for backups, and is writable/, /^$/],
  [
    1,
    '',
    "df: '/srv/b': No such file or directory\n",
    false,
    /is not there for backups, or backup may not write/,
    /install -d -o backup/,
  ],
  [0, 'Avail\n1000\n', '', false, /or backup may not write to it/, /On nas\.example/],
  [
    255,
    '',
    'Host key verification failed.\n',
    false,
    /can’t be reached .* verification failed/,
    /ssh-keyscan -t ed25519 -p 2222 nas\.example > ~\/\.ssh\/hostler-backup\.known/,
  ],
  [
    255,
    '',
    'backup@nas.example: Permission denied (publickey).\n',
    false,
    /Permission denied/,
    /ssh-keygen .*hostler-backup.*authorized_keys on nas\.example/,
  ],
  [
    255,
    '',
    'ssh: connect to host nas.example port 2222: No route to host\n',
    false,
    /No route to host/,
    /listen on port 2222/,
  ],
])('reads exit %d with %j, %j', (exit, stdout, stderr, ok, what, hint) => {
  const [line, ...more] = backupMachine(answered(exit, stdout, stderr), TARGET, 'hostler');
  expect(more).toEqual([]);
  expect(line).toMatchObject({ ok, what: expect.stringMatching(what) });
  expect(line?.hint ?? '').toMatch(hint);
});
