import { z } from 'zod';
import { BotError } from '../domain/error.ts';
import { NOTHING } from '../domain/plan.ts';
import { formatRetention, parseRetention } from '../domain/retention.ts';
import type { Settings } from '../domain/settings.ts';
import { fullName } from '../domain/vm.ts';
import type { KeepScheduleRows } from './snapshot-rows.ts';
import { type Draft, defineChange, type PlanContext } from './spec.ts';
import type { Rows } from './store.ts';
import { factsOf, VmFacts, VmField, vmLock } from './vm/common.ts';
import { liveVm } from './vm-ref.ts';

/** How a schedule is spoken of that makes something of a VM and keeps so many. */
interface Words {
  readonly name: string;
  readonly summary: string;
  readonly details: string;
  readonly placeholder: string;
  readonly examples: readonly string[];
  /** `snapshot`: what one of them is called. */
  readonly one: string;
  /** `take`: what the schedule does to it; and done. */
  readonly make: string;
  readonly made: string;
}

const Facts = VmFacts.extend({
  /** Null ends the schedule. */
  retention: z.object({ hourly: z.number(), daily: z.number(), weekly: z.number() }).nullable(),
  setBy: z.string(),
});
type Facts = z.infer<typeof Facts>;

/** The operation that sets such a schedule, and ends it. `check` throws where none can be set. */
export function defineKeepSchedule(
  { placeholder, one, make, made, ...words }: Words,
  rowsOf: (rows: Rows) => KeepScheduleRows,
  check: (settings: Settings) => unknown = () => undefined,
) {
  const Input = z.strictObject({
    vm: VmField,
    keep: z.string().min(1).max(100).meta({ title: 'Keep', description: 'How many of what, or off', placeholder }),
  });

  function plan(input: z.infer<typeof Input>, { rows, team, actor, settings }: PlanContext): Draft<Facts> {
    const vm = liveVm(rows, input.vm, team);
    const name = fullName(vm);
    const retention = input.keep === 'off' ? null : parseRetention(input.keep);
    const has = rowsOf(rows)
      .schedules()
      .some(({ vmId }) => vmId === vm.id);
    if (retention !== null) check(settings);
    else if (!has)
      throw new BotError('wrong_state', `No schedule ${make}s ${one}s of ${name}`, { hint: 'Nothing to do.' });
    const title =
      retention === null
        ? `End the ${one} schedule of ${name}`
        : `${make.charAt(0).toUpperCase()}${make.slice(1)} ${one}s of ${name} by themselves, keep ${formatRetention(retention)}`;
    return {
      facts: { ...factsOf(vm), retention, setBy: actor.person },
      title,
      verb: retention === null ? 'End it' : 'Set',
      team: vm.team,
      subject: `vm:${name}`,
      host: vm.host,
      vmId: vm.id,
      risk: 'safe',
      locks: [vmLock(vm)],
      adds: NOTHING,
      notes: retention === null ? [`The ${one}s that it ${made} stay.`] : [],
    };
  }

  return defineChange({
    ...words,
    input: Input,
    positional: ['vm', 'keep'],
    permission: 'operate',
    risk: 'safe',
    facts: Facts,
    look: async () => null,
    plan,
    steps: () => [],
    begin: () => undefined,
    settle: ({ vmId, retention, setBy }, end, rows, _outputs, now) => {
      if (end !== 'succeeded') return;
      if (retention === null) rowsOf(rows).endSchedule(vmId);
      else rowsOf(rows).setSchedule({ vmId, retention, setBy, setAt: now });
    },
  });
}
