import { z } from 'zod';
import { defineRead } from '../spec.ts';
import { readAudit } from './common.ts';

export const auditShow = defineRead({
  name: 'audit.show',
  summary: 'Show the newest rows of the audit, or one operation’s',
  input: z.strictObject({
    operation: z
      .string()
      .regex(/^op_[0-9A-Z]+$/, 'Give an operation’s id, such as op_01J…: it stands at the foot of its card.')
      .optional()
      .meta({ title: 'Operation', description: 'Id of an operation', choices: 'operation' }),
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(500)
      .default(20)
      .meta({ title: 'Rows', description: 'How many rows, 500 at most' }),
  }),
  positional: ['operation'],
  permission: 'audit',
  examples: ['/audit show', '/audit show op_01JB2Y7N3Q'],
  read: async (input, context) =>
    readAudit(context, {
      limit: input.limit,
      ...(input.operation === undefined ? {} : { operationId: input.operation }),
    }),
});
