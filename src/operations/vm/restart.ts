import { beOff, beRunning } from '../steps/domains.ts';
import { powerOperation } from './power.ts';

export const vmRestart = powerOperation({
  name: 'vm.restart',
  summary: 'Restart a VM: be shut off, then be running',
  details: 'The guest is asked to shut down. A guest that doesn’t is left running, unless `--force` cuts its power.',
  verb: 'Restart',
  risk: 'disruptive',
  force: { description: 'Cut the power instead of asking the guest' },
  from: ['on', 'suspended'],
  otherwise: (name) => ({ message: `${name} is off`, hint: `Type \`/vm start ${name}\` instead.` }),
  steps: (at, facts, settings) => [
    beOff(at, facts.force || facts.was === 'suspended' ? 'force' : 'ask', settings.shutdownMs, facts.was === 'on'),
    beRunning(at, 'nothing-to-undo'),
  ],
  leads: { state: 'running', reason: 'booted' },
});
