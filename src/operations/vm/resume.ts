import { beResumed } from '../steps/domains.ts';
import { powerOperation } from './power.ts';

export const vmResume = powerOperation({
  name: 'vm.resume',
  summary: 'Let a suspended VM go on',
  verb: 'Resume',
  risk: 'safe',
  from: ['suspended'],
  otherwise: (name, state) =>
    state === 'running'
      ? { message: `${name} is running already`, hint: 'Nothing to do.' }
      : { message: `${name} is off`, hint: `Type \`/vm start ${name}\` instead.` },
  steps: (at) => [beResumed(at)],
  leads: { state: 'running', reason: 'unpaused' },
});
