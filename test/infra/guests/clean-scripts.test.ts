/** The scripts that clean a guest, run by this machine's own shell on a root that looks like a guest's. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cleanScript, tracesScript } from '../../../src/infra/guests/clean-scripts.ts';
import { readTraces } from '../../../src/infra/guests/guests.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hostler-guest-'));
  for (const folder of ['etc', 'run', 'tmp', 'var/tmp', 'var/log', 'root', 'home/ops']) put(`${folder}/.keep`, '');
  for (const folder of ['tmp', 'var/tmp']) rmSync(join(root, folder, '.keep'));
  mkdirSync(join(root, 'tools'));
  for (const tool of TOOLS)
    symlinkSync(
      execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(),
      join(root, 'tools', tool),
    );
  put('etc/passwd', `root:x:0:0::${root}/root:/bin/sh\nops:x:1000:1000::${root}/home/ops:/bin/sh\n`);
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
const there = (path: string) => existsSync(join(root, path));
/** All that the scripts call, and no more: nothing that could change this machine, which is no guest. */
const TOOLS = ['sh', 'cut', 'sort', 'head', 'find', 'rm', 'dd', 'wc'];

/** Its paths must all be in this root, or it is not run. */
function run(script: (root: string) => string) {
  const stray = script('@').match(/(?<![@\w*$])\/(?!dev\/(?:null|zero)\b)\w+/g) ?? [];
  if (stray.length > 0) throw new Error(`outside of the root: ${stray.join(' ')}`);
  const options = { encoding: 'utf8', env: { PATH: join(root, 'tools') } } as const;
  return { exit: 0, stdout: execFileSync('/bin/sh', ['-c', script(root), 'hostler'], options), stderr: '' };
}
const traces = () => readTraces('Looking', run(tracesScript));

const DIRT: Readonly<Record<string, readonly string[]>> = {
  'machine-id': ['etc/machine-id', 'var/lib/dbus/machine-id'],
  'ssh host keys': [
    'etc/ssh/ssh_host_ed25519_key',
    'etc/ssh/ssh_host_rsa_key.pub',
    'etc/dropbear/dropbear_ed25519_host_key',
  ],
  'people’s ssh keys': ['root/.ssh/authorized_keys', 'home/ops/.ssh/id with a space'],
  'shell histories': ['root/.bash_history', 'home/ops/.psql_history'],
  logs: ['var/log/auth.log', 'var/log/journal/0123/system.journal', 'var/log/syslog.2.gz', 'var/log/a b.log'],
  'cloud-init’s data': ['var/lib/cloud/instances/i-1/user-data.txt'],
  'DHCP leases and names of network cards': ['var/lib/dhcp/dhclient.eth0.leases', 'var/lib/NetworkManager/secret_key'],
  'random seeds': ['var/lib/systemd/random-seed'],
  'mail and crash dumps': ['var/mail/root', 'var/crash/core.1'],
  'temporary files': ['tmp/x/secret', 'var/tmp/y'],
};

it('finds each kind by itself, and where', () => {
  expect(traces()).toEqual({ clean: Object.keys(DIRT), left: [], cloudInit: false });
  for (const [kind, paths] of Object.entries(DIRT)) {
    for (const path of paths) {
      put(path, 'secret');
      const where = path.startsWith('tmp/x')
        ? 'tmp/x'
        : path.startsWith('var/lib/cloud')
          ? 'var/lib/cloud/instances'
          : path;
      expect([path, traces().left]).toEqual([path, [{ kind, where: join(root, where) }]]);
      rmSync(join(root, path.startsWith('tmp/x') ? 'tmp/x' : path.startsWith('var/lib/cloud') ? where : path), {
        recursive: true,
      });
    }
  }
});

it('removes all of it, twice, and nothing else', () => {
  for (const path of Object.values(DIRT).flat()) put(path, 'secret');
  put('etc/hostname', 'web-01');
  put('etc/ssh/sshd_config', 'Port 22');
  put('home/ops/notes', 'mine');
  for (const _time of [1, 2]) {
    run(cleanScript);
    expect(traces().left).toEqual([]);
  }
  expect(readFileSync(join(root, 'etc/machine-id'), 'utf8')).toBe('');
  expect(['etc/hostname', 'etc/ssh/sshd_config', 'home/ops/notes', 'var/log/auth.log'].map(there)).toEqual(
    Array(4).fill(true),
  );
  expect(['var/log/syslog.2.gz', 'home/ops/.ssh', 'var/lib/dbus/machine-id'].map(there)).toEqual(Array(3).fill(false));
});

it('writes over a secret before it goes, and follows no link out of the guest', () => {
  put('etc/ssh/ssh_host_rsa_key', 'private');
  const copy = join(root, 'home/ops/hard-link');
  execFileSync('ln', [join(root, 'etc/ssh/ssh_host_rsa_key'), copy]);
  put('home/ops/elsewhere', 'not ours to change');
  symlinkSync(join(root, 'home/ops/elsewhere'), join(root, 'etc/ssh/ssh_host_dsa_key'));
  put('var/log/auth.log', 'a password, typed as a name');
  const log = join(root, 'home/ops/log');
  execFileSync('ln', [join(root, 'var/log/auth.log'), log]);
  run(cleanScript);
  for (const path of [copy, log]) expect(readFileSync(path, 'latin1').replaceAll('\0', '')).toBe('');
  expect(readFileSync(join(root, 'home/ops/elsewhere'), 'utf8')).toBe('not ours to change');
  expect(there('etc/ssh/ssh_host_dsa_key')).toBe(false);
});

it('takes no answer for a good one', () => {
  expect(() => readTraces('Looking', { exit: 0, stdout: 'clean machine-id\n', stderr: 'sh: out of memory' })).toThrow(
    /did not say all of it/,
  );
  expect(() => readTraces('Looking', { exit: 2, stdout: '', stderr: '' })).toThrow(/exit code 2/);
});
