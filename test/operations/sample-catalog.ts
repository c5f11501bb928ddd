import { z } from 'zod';
import { VmName } from '../../src/domain/names.ts';
import { parseSize } from '../../src/domain/size.ts';
import { defineChange, defineRead, type Operation } from '../../src/operations/spec.ts';

/** A few declared operations with every kind of field, for the tests of what is derived from a declaration. */
export const sampleCatalog: readonly Operation[] = [
  change('vm.create', 'Create a VM', ['name'], {
    name: VmName.meta({ title: 'Name', placeholder: 'web-01' }),
    image: z.string().min(1).meta({ title: 'Image', choices: 'image', placeholder: 'tiny' }),
    flavor: z.string().default('small').meta({ title: 'Flavor', choices: 'flavor' }),
    vcpus: z.int().min(1).max(64).optional().meta({ title: 'vCPUs', description: 'More than the flavor has' }),
    disk: z.string().transform(parseSize).optional().meta({ title: 'Disk', placeholder: '20GiB' }),
    boot: z.enum(['image', 'iso', 'pxe']).default('image').meta({ title: 'Boot' }),
    keys: z.array(z.string()).default([]).meta({ title: 'Keys', choices: 'key' }),
    autostart: z.boolean().default(false).meta({ title: 'Autostart' }),
  }),
  change('vm.restart', 'Restart a VM', ['vm'], {
    vm: VmName.meta({ title: 'VM', choices: 'vm' }),
    mode: z.enum(['graceful', 'force']).default('graceful').meta({ title: 'How' }),
  }),
  change('vm.disk.extend', 'Grow a disk', ['vm', 'to'], {
    vm: VmName.meta({ title: 'VM', choices: 'vm' }),
    to: z.string().transform(parseSize).meta({ title: 'Size', placeholder: '20GiB' }),
  }),
  read('vm.list', 'List VMs', [], { state: z.enum(['running', 'shutoff']).optional().meta({ title: 'State' }) }),
  read('vm.show', 'Show a VM', ['vm'], { vm: VmName.meta({ title: 'VM', choices: 'vm' }) }),
  read('host.list', 'List hosts', [], {}),
  read('hostler.help', 'What Hostler can do', ['about'], {
    about: z.array(z.string()).default([]).meta({ title: 'About' }),
  }),
];

/** The operation of the sample. */
export function sample(name: string): Operation {
  const found = sampleCatalog.find((operation) => operation.name === name);
  if (found === undefined) throw new Error(`no ${name} in the sample`);
  return found;
}

function read<S extends z.core.$ZodLooseShape>(
  name: string,
  summary: string,
  positional: string[],
  shape: S,
): Operation {
  return defineRead<Record<string, unknown>>({
    name,
    summary,
    positional,
    input: z.strictObject(shape),
    permission: 'view',
    examples: [`/${name.replaceAll('.', ' ')}`],
    read: async () => ({ notice: { tone: 'plain', title: name }, json: null }),
  });
}

function change<S extends z.core.$ZodLooseShape>(
  name: string,
  summary: string,
  positional: string[],
  shape: S,
): Operation {
  return defineChange<Record<string, unknown>, object, null>({
    name,
    summary,
    positional,
    input: z.strictObject(shape),
    permission: 'operate',
    examples: [`/${name.replaceAll('.', ' ')} web-01`],
    risk: 'disruptive',
    facts: z.strictObject({}),
    look: async () => null,
    plan: () => {
      throw new Error('the sample plans nothing');
    },
    steps: () => [],
    begin: () => undefined,
    settle: () => undefined,
  });
}
