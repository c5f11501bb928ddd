import { expect, it } from 'vitest';
import { completionOf } from '../../demo/completion.ts';
import { configFile } from '../../demo/fleet/config-file.ts';
import { catalog } from '../../src/operations/catalog.ts';
import { familiesOf } from '../../src/operations/usage.ts';

it('offers every command of the registry, with the config’s names where a flag takes one', () => {
  const config = configFile({
    teams: 2,
    hosts: [{ name: 'kvm-1', port: 22, hostKey: '' }],
    keyFile: 'id',
    osUser: 'me',
    keys: new Map(),
    quota: { vms: 1, vcpus: 1, memory: '1GiB', disk: '1GiB' },
    hostDefaults: {},
    flavors: [{ name: 'small', vcpus: 1, memory: '1GiB', disk: '1GiB' }],
    images: [{ name: 'tiny', file: 'tiny.qcow2', osinfo: 'linux2022', login: 'ops' }],
  });
  const { families } = completionOf(catalog, config);
  expect(Object.keys(families)).toEqual(familiesOf(catalog));
  expect(families.hostler?.subcommands['key add']?.positional.map(({ name }) => name)).toEqual(['name', 'key']);
  const create = families.vm?.subcommands.create;
  expect(create?.positional).toEqual([{ name: 'name', required: true }]);
  const flag = (name: string) => create?.flags.find((one) => one.name === name);
  expect(flag('image')).toMatchObject({ kind: 'choice', choices: ['tiny'] });
  expect(flag('team')).toMatchObject({ kind: 'choice', choices: ['team-01', 'team-02'] });
  expect(flag('dry-run')).toMatchObject({ kind: 'boolean' });
  expect(flag('reason')).toMatchObject({ kind: 'text' });
  expect(families.hostler?.subcommands.tour?.positional[0]).toMatchObject({ choices: ['start', 'skip', 'again'] });
});
