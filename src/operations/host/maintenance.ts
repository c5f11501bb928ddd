import { z } from 'zod';
import { parseSpan } from '../../domain/size.ts';
import { SpanText } from '../alert/common.ts';
import { keepSilence, SilenceFacts, silenceDraft } from '../alert/silence.ts';
import { HostField, hostOf } from '../host-ref.ts';
import { defineChange } from '../spec.ts';

const Input = z.strictObject({
  host: HostField,
  for: SpanText.default('2h').meta({ title: 'For', description: 'How long, such as 30m, 2h or 1d', placeholder: '2h' }),
});

export const hostMaintenance = defineChange({
  name: 'host.maintenance',
  summary: 'Announce work on a host: nobody is told of alerts of it and its VMs meanwhile',
  details: 'Its VMs go on as they are, and it takes new ones. `/alert unsilence HOST` ends it before its time.',
  input: Input,
  positional: ['host'],
  permission: 'platform',
  risk: 'safe',
  direct: true,
  examples: ['/host maintenance kvm-1 --for 4h --reason "more memory"'],
  facts: SilenceFacts,
  look: async () => null,
  plan: (input: z.infer<typeof Input>, context) => {
    const { name } = hostOf(context.settings, input.host);
    const target = { scope: 'host', of: name, name: `host ${name}`, team: null } as const;
    return silenceDraft(target, parseSpan(input.for), true, context);
  },
  steps: () => [],
  begin: () => undefined,
  settle: (facts, end, rows, _outputs, now) => {
    if (end === 'succeeded') keepSilence(facts, rows, now);
  },
});
