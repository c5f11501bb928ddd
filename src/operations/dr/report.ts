import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import type { Drill } from '../../domain/drill.ts';
import { BotError } from '../../domain/error.ts';
import { defineRead, type ReadContext } from '../spec.ts';
import { DrillField } from './common.ts';
import { drillJson, evidenceNotice } from './evidence.ts';

export const drReport = defineRead({
  name: 'dr.report',
  summary: 'Show the evidence of a drill: checks, RPO, RTO and the timeline',
  details: 'Without an id, that of the team’s newest drill.',
  input: z.strictObject({ drill: DrillField.optional() }),
  positional: ['drill'],
  permission: 'view',
  examples: ['/dr report', '/dr report drill_01J0000000000000000000000'],
  read: async ({ drill: id }, context) => {
    const drill = id === undefined ? newest(context) : named(id, context);
    return { notice: evidenceNotice(drill), json: drillJson(drill) };
  },
});

/** One of another team is as unknown as one that is not there. */
function named(id: string, { rows, actor }: ReadContext): Drill {
  const drill = rows.drills.byId(id);
  if (drill !== null && decide(actor, 'view', drill.team).allowed) return drill;
  throw new BotError('not_found', `There is no drill ${id}`, { field: 'drill', hint: '`/dr history` shows them.' });
}

function newest({ rows, team }: ReadContext): Drill {
  if (team === null) {
    throw new BotError('invalid_input', 'Of which team?', {
      field: 'team',
      hint: 'Add --team, or name a drill: `/dr history --all` shows them.',
    });
  }
  const [drill] = rows.drills.list(team);
  if (drill !== undefined) return drill;
  throw new BotError('not_found', `Team ${team} has not drilled yet`, { hint: '`/dr drill --random` begins one.' });
}
