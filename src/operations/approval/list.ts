import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import { formatSpan } from '../../domain/size.ts';
import { defineRead } from '../spec.ts';

export const approvalList = defineRead({
  name: 'approval.list',
  summary: 'List what waits for approval',
  input: z.strictObject({}),
  positional: [],
  permission: 'view',
  examples: ['/approval list'],
  read: async (_input, { rows, actor, clock }) => {
    const open = rows.approvals
      .open()
      .map((approval) => ({ approval, operation: rows.operations.byId(approval.operationId) }))
      .flatMap(({ approval, operation }) => (operation === null ? [] : [{ approval, operation }]))
      .filter(({ operation }) => decide(actor, 'view', operation.team).allowed);
    return {
      notice: {
        tone: open.length === 0 ? 'plain' : 'wait',
        title:
          open.length === 0
            ? 'Nothing waits for approval'
            : `${open.length} ${open.length === 1 ? 'request waits' : 'requests wait'} for approval`,
        table: {
          columns: ['Request', 'Team', 'By', 'Needs', 'Ends in', 'Id'],
          rows: open.map(({ approval, operation }) => [
            operation.plan.title,
            operation.team ?? '–',
            operation.person,
            `${approval.needed - approval.votes.filter(({ vote }) => vote === 'approve').length} × ${approval.from}`,
            formatSpan(Math.max(0, approval.expiresAt - clock.now())),
            operation.id,
          ]),
          empty: 'All is decided.',
        },
        buttons: open.slice(0, 5).flatMap(({ operation }) =>
          decide(actor, 'approve', operation.team).allowed && actor.person !== operation.person
            ? [
                {
                  label: `Approve: ${operation.plan.title}`.slice(0, 70),
                  press: { do: 'approve', op: operation.id, digest: operation.digest } as const,
                },
              ]
            : [],
        ),
      },
      json: open.map(({ approval, operation }) => ({
        id: approval.id,
        operation: operation.id,
        kind: operation.kind,
        title: operation.plan.title,
        team: operation.team,
        requester: operation.person,
        of: approval.from,
        needed: approval.needed,
        approvedBy: approval.votes.filter(({ vote }) => vote === 'approve').map(({ person }) => person),
        expiresAt: new Date(approval.expiresAt).toISOString(),
      })),
    };
  },
});
