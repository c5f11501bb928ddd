import { beOff } from '../steps/domains.ts';
import { powerOperation } from './power.ts';

export const vmShutdown = powerOperation({
  name: 'vm.shutdown',
  summary: 'Ask a VM’s guest to shut down, and wait until it is off',
  verb: 'Shut down',
  risk: 'disruptive',
  from: ['on'],
  otherwise: (name, state) =>
    state === 'paused'
      ? {
          message: `${name} is suspended: its guest can’t hear the request`,
          hint: `Type \`/vm resume ${name}\` instead.`,
        }
      : { message: `${name} is off already`, hint: `Type \`/vm start ${name}\` instead.` },
  steps: (at, facts, settings) => [beOff(at, 'ask', settings.shutdownMs, facts.was === 'on')],
  leads: { state: 'shut off', reason: 'shutdown' },
});
