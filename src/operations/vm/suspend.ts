import { beSuspended } from '../steps/domains.ts';
import { powerOperation } from './power.ts';

export const vmSuspend = powerOperation({
  name: 'vm.suspend',
  summary: 'Stop a VM’s CPUs, its memory kept on the host',
  details: 'Frees no memory on the host. `/vm resume` lets it go on.',
  verb: 'Suspend',
  risk: 'disruptive',
  from: ['on'],
  otherwise: (name, state) =>
    state === 'paused'
      ? { message: `${name} is suspended already`, hint: `Type \`/vm resume ${name}\` instead.` }
      : { message: `${name} is off`, hint: `Type \`/vm start ${name}\` instead.` },
  steps: (at) => [beSuspended(at)],
  leads: { state: 'paused', reason: 'user' },
});
