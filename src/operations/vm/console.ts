import { z } from 'zod';
import { fullName, type Vm } from '../../domain/vm.ts';
import { defineRead } from '../spec.ts';
import { liveVm } from '../vm-ref.ts';
import { VmField } from './common.ts';

export const vmConsole = defineRead({
  name: 'vm.console',
  summary: 'Show how to reach a VM’s serial console',
  details: 'The line is for people with an account on the host. Leave the console with Ctrl-].',
  input: z.strictObject({ vm: VmField }),
  positional: ['vm'],
  permission: 'operate',
  examples: ['/vm console web-01'],
  read: async (input, { rows, settings, team }) => {
    const vm = liveVm(rows, input.vm, team);
    const ssh = settings.hosts.find(({ name }) => name === vm.host)?.ssh;
    const line = `ssh -t -p ${ssh?.port ?? 22} ${ssh?.login ?? vm.host} virsh -c qemu:///system console ${plain(vm)}`;
    return {
      notice: {
        tone: 'plain',
        title: `Console of ${fullName(vm)}`,
        lines: ['From a terminal; Ctrl-] leaves it.'],
        code: { label: 'Console', text: line },
      },
      json: { name: fullName(vm), command: line },
    };
  },
});

/** What a shell takes as one word: one that was adopted may be called anything. */
function plain({ domainName, uuid }: Vm): string {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(domainName) ? domainName : uuid;
}
