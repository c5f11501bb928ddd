import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { labConfigFile, labPeople } from '../../lab/config.ts';
import { LAB_LIMITS, labSudoers } from '../../lab/limits.ts';
import { ConfigFile } from '../../src/config/schema.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHV2Dz6B5vQ0Wf1m7Y0QmE7x1yq8o0c1Jz0p6b9g4d2K';
const host = {
  name: 'kvm-1',
  number: 1,
  sshPort: 40001,
  segmentPort: 41001,
  hubPort: 42000,
  uuid: 'u',
  hostKey: KEY,
  sudoers: '',
  poolBytes: 2 ** 30,
  image: '/i',
  state: '/s',
  ready: true,
};
const keys = new Map(labPeople().map((name) => [name, `${KEY} ${name}`]));
const file = labConfigFile([host], '/lab/keys/hostler', 'somebody', keys);

test('the printed config is one that Hostler takes, with pinned keys and the calling user as admin', () => {
  const config = ConfigFile.parse(parse(stringify(file, { lineWidth: 0 })));
  expect(config.hosts).toMatchObject([{ name: 'kvm-1', address: '127.0.0.1', port: 40001, host_keys: [KEY] }]);
  expect(config.cli.users).toEqual({ somebody: 'admin' });
  expect(config.people.find((one) => one.name === 'admin')?.platform).toBe('admin');
  expect(config.people.find((one) => one.name === '01-dev1')?.ssh_keys).toEqual([`${KEY} 01-dev1`]);
});

test('everybody whom a team names is a person, and everybody has an id of their own', () => {
  const config = ConfigFile.parse(file);
  const names = config.people.map((one) => one.name);
  for (const team of config.teams) expect(names).toEqual(expect.arrayContaining([...team.leads, ...team.members]));
  expect(new Set(config.people.map((one) => one.slack)).size).toBe(names.length);
});

test("the hosts' sudoers allow the time limits that the config names, and no others", () => {
  const config = ConfigFile.parse(file);
  expect(config.host_defaults.limits?.quick).toBe(LAB_LIMITS.quick * 1000);
  const limits = [...labSudoers().matchAll(/timeout -k 5 (\S+)/g)].map((match) => Number(match[1]));
  expect(limits.length).toBeGreaterThan(5);
  for (const limit of limits) expect(Object.values(LAB_LIMITS)).toContain(limit);
});
