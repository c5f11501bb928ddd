import { z } from 'zod';
import { parseSpan } from '../../domain/size.ts';
import { defineRead } from '../spec.ts';
import { VmRefText } from '../vm-ref.ts';
import { readAudit } from './common.ts';
import { liveName } from './live-name.ts';

export const auditSearch = defineRead({
  name: 'audit.search',
  summary: 'Search the audit by text, person, VM, kind and time',
  input: z.strictObject({
    text: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ title: 'Text', description: 'Anywhere in the row: a command, a reason, an error' }),
    person: z.string().min(1).max(80).optional().meta({ title: 'Person', description: 'Who did it' }),
    vm: VmRefText.optional().meta({
      title: 'VM',
      description: 'team/name, or the name alone in its team',
      choices: 'vm',
    }),
    kind: z
      .string()
      .min(1)
      .max(60)
      .optional()
      .meta({ title: 'Kind', description: 'Such as operation.ended, host.command, approval.approved' }),
    since: z
      .string()
      .regex(/^\d+[smhdw]$/, 'Give a length of time, such as 30m, 24h or 7d.')
      .optional()
      .meta({ title: 'Since', description: 'Only the last 24h, 7d …' }),
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(500)
      .default(50)
      .meta({ title: 'Rows', description: 'How many rows, 500 at most' }),
  }),
  positional: ['text'],
  permission: 'audit',
  examples: ['/audit search lvremove', '/audit search --vm team-01/web-01 --since 7d'],
  read: async (input, context) =>
    readAudit(context, {
      limit: input.limit,
      ...(input.text === undefined ? {} : { text: input.text }),
      ...(input.person === undefined ? {} : { person: input.person }),
      ...(input.kind === undefined ? {} : { kind: input.kind }),
      ...(input.vm === undefined ? {} : { subject: `vm:${liveName(input.vm, context.team)}` }),
      ...(input.since === undefined ? {} : { from: context.clock.now() - parseSpan(input.since) }),
    }),
});
