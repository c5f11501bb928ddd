import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { fullName } from '../../domain/vm.ts';
import { defineRead } from '../spec.ts';
import { liveVm } from '../vm-ref.ts';
import { VmField } from './common.ts';

export const vmXml = defineRead({
  name: 'vm.xml',
  summary: 'Show a VM’s definition as libvirt keeps it',
  input: z.strictObject({
    vm: VmField,
    live: z
      .boolean()
      .default(false)
      .meta({ title: 'Live', description: 'The running domain instead of the kept definition' }),
  }),
  positional: ['vm'],
  permission: 'view',
  examples: ['/vm xml web-01'],
  read: async (input, { rows, team, fleet, driver }) => {
    const vm = liveVm(rows, input.vm, team);
    const result = await fleet.run(vm.host, driver.domains.xml(vm.uuid, { inactive: !input.live }));
    if (result.outcome !== 'done') throw result.error;
    if (result.value === null)
      throw new BotError('wrong_state', `${fullName(vm)} is missing on ${vm.host}`, {
        hint: 'An admin can look with `virsh list --all`.',
      });
    return {
      notice: {
        tone: 'plain',
        title: `Definition of ${fullName(vm)}`,
        code: { label: `${vm.domainName}.xml`, text: result.value },
      },
      json: { name: fullName(vm), xml: result.value },
    };
  },
});
