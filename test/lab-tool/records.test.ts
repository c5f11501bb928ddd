import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HostRecord, hostPid, listHosts, parseHostRecord, saveHost } from '../../lab/host-record.ts';
import { statusTable } from '../../lab/status.ts';

let hosts: string;
beforeEach(() => {
  hosts = mkdtempSync(join(tmpdir(), 'hostler-lab-hosts-'));
});
afterEach(() => rmSync(hosts, { recursive: true, force: true }));

const record = (number: number): HostRecord => ({
  name: `kvm-${number}`,
  number,
  sshPort: 40_000 + number,
  segmentPort: 41_000 + number,
  hubPort: 42_000,
  uuid: '0e3c1f0e-0000-4000-8000-000000000000',
  hostKey: 'ssh-ed25519 AAAA',
  sudoers: '',
  poolBytes: 2 ** 30,
  image: '/cache/image-1',
  state: '/cache/state-1',
  ready: true,
});

test('records come back as saved, by number; a folder without one is passed over', () => {
  for (const number of [10, 2]) saveHost(hosts, record(number));
  mkdirSync(join(hosts, 'kvm-3'));
  expect(listHosts(hosts)).toEqual([record(2), record(10)]);
});

test('a broken record is named, with what to do', () => {
  expect(() => parseHostRecord('{"name":"kvm-1"}', '/x/host.json')).toThrow(/\/x\/host\.json .*down/);
  expect(() => parseHostRecord('{', '/x/host.json')).toThrow(/\/x\/host\.json/);
});

test("another process with the host's old pid is not taken for the host", () => {
  mkdirSync(join(hosts, 'kvm-1'));
  writeFileSync(join(hosts, 'kvm-1', 'pid'), `${process.pid}\n`);
  expect(hostPid(hosts, 'kvm-1')).toBeUndefined();
});

test('the table says state, address, pid and memory', () => {
  const table = statusTable([
    { name: 'kvm-1', state: 'ready', pid: 123, sshPort: 40001, memoryBytes: 1024 * 2 ** 20 },
    { name: 'kvm-2', state: 'dead', pid: null, sshPort: 40002, memoryBytes: null },
  ]);
  expect(table.split('\n')).toEqual([
    'HOST   STATE  SSH              PID  MEMORY',
    'kvm-1  ready  127.0.0.1:40001  123  1024 MiB',
    'kvm-2  dead   127.0.0.1:40002  -    -',
  ]);
  expect(statusTable([])).toContain('up');
});
