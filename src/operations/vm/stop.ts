import { beOff } from '../steps/domains.ts';
import { powerOperation } from './power.ts';

export const vmStop = powerOperation({
  name: 'vm.stop',
  summary: 'Cut a VM’s power at once',
  details: 'The guest isn’t asked: what it has not written to disk is lost. `/vm shutdown` asks it first.',
  verb: 'Force off',
  risk: 'disruptive',
  from: ['on', 'suspended'],
  otherwise: (name) => ({ message: `${name} is off already`, hint: `Type \`/vm start ${name}\` instead.` }),
  steps: (at, facts, settings) => [beOff(at, 'force', settings.shutdownMs, facts.was === 'on')],
  leads: { state: 'shut off', reason: 'destroyed' },
});
