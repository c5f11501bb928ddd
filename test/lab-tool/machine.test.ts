import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { identityScript } from '../../lab/identity.ts';
import { labSudoers } from '../../lab/limits.ts';
import { machineArgs, qemuArgs, segmentMac } from '../../lab/qemu.ts';
import { sshArgs } from '../../lab/ssh.ts';
import { missingPackages } from '../../lab/tools.ts';

const machine = {
  name: 'kvm-2',
  number: 2,
  folder: '/lab, one/kvm-2',
  image: '/cache/image-1',
  sshPort: 40002,
  segment: { localPort: 41002, hubPort: 42000 },
};

test('a comma in a path does not end an option', () => {
  const args = qemuArgs(machine);
  expect(args).toContain('file=/lab,, one/kvm-2/root.qcow2,if=none,id=root,format=qcow2,cache=unsafe,discard=unmap');
  expect(args).toContain('unix:/lab,, one/kvm-2/qmp,server=on,wait=off');
});

test('a saved state is read through a shell word', () => {
  const args = qemuArgs({ ...machine, state: "/it's here/state" });
  expect(args.slice(-2)).toEqual(['-incoming', `exec:cat '/it'\\''s here/state'`]);
  expect(qemuArgs(machine)).not.toContain('-incoming');
});

test('the part of the command line that a state depends on names no host, port or path', () => {
  expect(machineArgs().join(' ')).not.toMatch(/kvm-\d|4[0-2]00|\/lab|\/cache/);
});

test('each host has a MAC of its own', () => {
  expect(new Set([1, 2, 9, 10, 16].map(segmentMac)).size).toBe(5);
  expect(segmentMac(16)).toBe('52:54:00:bb:00:10');
});

test('what a host is given survives the shell, whatever is in it', () => {
  const nasty = `a'b"c $(id) \`id\` \\ #x\nnext line`;
  const identity = {
    name: 'kvm-1',
    number: 1,
    uuid: 'u',
    hostKey: nasty,
    hostKeyPublic: 'p',
    botKey: 'b',
    sudoers: labSudoers(),
    poolBytes: 2 ** 31,
  };
  const script = identityScript(identity, 1_700_000_000_123, 'e');
  const assignments = script.slice(0, script.indexOf('# Run as root'));
  const echo = spawnSync('bash', ['-c', `${assignments}\nprintf %s "$HOST_KEY|$NOW|$ADDRESS|$POOL"`], {
    encoding: 'utf8',
  });
  expect(echo.stdout).toBe(`${nasty}|1700000000.123|10.10.0.11/24|2147483648b`);
  expect(spawnSync('bash', ['-n', '-c', script]).status).toBe(0);
});

test('ssh never asks, never learns a key, and reads no configuration of ours', () => {
  const args = sshArgs({ name: 'kvm-1', port: 1, user: 'root', keyFile: '/k', knownHosts: '/a b' });
  expect(args).toContain('StrictHostKeyChecking=yes');
  expect(args).toContain('UserKnownHostsFile="/a b"');
  expect(args.slice(0, 2)).toEqual(['-F', 'none']);
});

test('a missing program names its package once', () => {
  const tools = [
    ['a', 'x'],
    ['a', 'y'],
    ['b', 'z'],
  ] as const;
  expect(missingPackages(tools, (name) => name === 'z')).toEqual(['a']);
  expect(missingPackages(tools, () => true)).toEqual([]);
});
