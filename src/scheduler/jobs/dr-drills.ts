import { fullName } from '../../domain/vm.ts';
import { anyVm } from '../../operations/dr/common.ts';
import { carryOut } from '../carry-out.ts';
import type { Job } from '../job.ts';

/** The evidence is posted by the drill itself; what is told here is that there was none. */
export const drDrills: Job = {
  name: 'dr-drills',
  summary: 'Drill a VM of each team that wants it, chosen at random',
  when: { every: 'month', day: 12, at: '11:00' },
  per: 'team',
  missed: 'run-once',
  run: async ({ rows, service }, { team, period }) => {
    if (team === null || !team.dr.monthly || rows.vms.list(team.name).length === 0) return '';
    const vm = anyVm(rows, team.name);
    const error =
      vm === undefined
        ? null
        : await carryOut(service, {
            name: 'dr.drill',
            input: { vm: fullName(vm) },
            why: ['the monthly drill', 'its time has come'],
            dedupe: `dr-drill:${team.name}:${period}`,
          });
    if (vm !== undefined && error === null) return `drills ${fullName(vm)}`;
    const why = error?.message ?? 'No VM has a backup that could be restored';
    rows.post({
      key: `dr-drill:${team.name}:${period}`,
      to: team.channel,
      underOperation: null,
      notice: {
        tone: 'warn',
        title: `The monthly DR drill of team ${team.name} could not be made`,
        lines: [why, ...(error?.hint === undefined ? [] : [error.hint])],
        buttons: [{ label: 'Show the plan', press: { do: 'run', name: 'dr.plan', input: {} } }],
      },
    });
    return why;
  },
};
