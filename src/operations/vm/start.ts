import { beRunning } from '../steps/domains.ts';
import { powerOperation } from './power.ts';

export const vmStart = powerOperation({
  name: 'vm.start',
  summary: 'Start a VM that is off',
  verb: 'Start',
  risk: 'safe',
  from: ['off'],
  otherwise: (name, state) =>
    state === 'paused'
      ? { message: `${name} is suspended, not off`, hint: `Type \`/vm resume ${name}\` instead.` }
      : { message: `${name} is running already`, hint: 'Nothing to do. `/vm restart` restarts it.' },
  steps: (at) => [beRunning(at, 'off')],
  leads: { state: 'running', reason: 'booted' },
});
