import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import { nearest } from '../../../domain/names.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { findDrift } from '../../drift/find.ts';
import { defineChange, type PlanContext } from '../../spec.ts';

const Input = z.strictObject({
  what: z.string().min(1).max(200).meta({
    title: 'What',
    description: 'A finding’s key, as `/hostler drift` lists it',
    placeholder: 'volume:kvm-1/cloudvg/old-disk',
  }),
  undo: z.boolean().default(false).meta({ title: 'Undo', description: 'Tell of it again' }),
});

const Facts = z.object({ key: z.string(), undo: z.boolean(), person: z.string() });

export const hostlerDriftIgnore = defineChange({
  name: 'hostler.drift.ignore',
  summary: 'Leave a finding of drift alone from now on',
  details: 'It is told of no more, and nothing on the host changes. Say why with `--reason`.',
  input: Input,
  positional: ['what'],
  permission: 'platform',
  risk: 'safe',
  direct: true,
  examples: [
    '/hostler drift ignore volume:kvm-1/cloudvg/old-disk --reason "of the backup server"',
    '/hostler drift ignore volume:kvm-1/cloudvg/old-disk --undo',
  ],
  facts: Facts,
  look: async () => null,
  plan: (input: z.infer<typeof Input>, { rows, settings, now, actor }: PlanContext) => {
    const found = findDrift(rows, settings, now);
    const finding = found.find(({ key }) => key === input.what);
    const ignored = rows.drift.known().some(({ key, ignoredBy }) => key === input.what && ignoredBy !== null);
    if (finding === undefined && !(input.undo && ignored)) {
      const near = nearest(
        input.what,
        found.map(({ key }) => key),
      );
      throw new BotError('not_found', `There is no finding ${input.what}`, {
        field: 'what',
        hint:
          near.length > 0
            ? `Did you mean ${near.join(' or ')}?`
            : '`/hostler drift` lists what there is, with its keys.',
      });
    }
    const name = finding?.name ?? input.what;
    return {
      facts: { key: input.what, undo: input.undo, person: actor.person },
      title: input.undo ? `Tell of ${name} again` : `Ignore ${name}`,
      verb: input.undo ? 'Tell' : 'Ignore',
      team: null,
      subject: `drift:${input.what}`,
      // No host is touched.
      host: '',
      vmId: null,
      risk: 'safe' as const,
      locks: [`drift:${input.what}`],
      adds: NOTHING,
      notes: ['Nothing on the host changes.'],
    };
  },
  steps: () => [],
  begin: () => undefined,
  settle: ({ key, undo, person }, end, rows, _outputs, now) => {
    if (end === 'succeeded') rows.drift.ignore(key, undo ? null : person, now);
  },
});
