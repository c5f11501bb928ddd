import type { BotError } from '../../domain/error.ts';
import type { Notice } from '../../domain/notice.ts';
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
    const why = error ?? { message: 'No VM has a backup that could be restored', hint: undefined };
    const notice = notMade(`The monthly DR drill of team ${team.name}`, why);
    rows.post({ key: `dr-drill:${team.name}:${period}`, to: team.channel, underOperation: null, notice });
    return why.message;
  },
};

/** Each waits its turn: one host has one drill at a time. */
export const drQueue: Job = {
  name: 'dr-queue',
  summary: 'Begin the drills that were asked for together with another',
  when: { every: 'minute' },
  per: 'platform',
  missed: 'run-once',
  run: async ({ rows, service, settings }) => {
    const wanted = rows.drills.wanted();
    // Where there is one host only, whoever asked has said that it may be the same.
    const sameHost = settings().hosts.length === 1;
    for (const each of wanted) {
      const vm = rows.vms.byId(each.vmId);
      const error =
        vm?.life === 'live'
          ? await carryOut(service, {
              name: 'dr.drill',
              input: { vm: fullName(vm), sameHost },
              why: ['a drill of several VMs', `${each.person} asked for it`],
              dedupe: `dr-queue:${each.operationId}:${each.vmId}`,
            })
          : null;
      rows.transaction(() => {
        rows.drills.unwant(each);
        const to = settings().teams.find(({ name }) => name === vm?.team)?.channel;
        if (vm === null || error === null || to === undefined) return;
        const notice = notMade(`The DR drill of ${fullName(vm)}`, error);
        rows.post({ key: `dr-queue:${each.operationId}:${each.vmId}`, to, underOperation: null, notice });
      });
    }
    return wanted.length === 0 ? '' : `${wanted.length} begun`;
  },
};

function notMade(what: string, { message, hint }: Pick<BotError, 'message' | 'hint'>): Notice {
  return {
    tone: 'warn',
    title: `${what} could not be made`,
    lines: [message, ...(hint === undefined ? [] : [hint])],
    buttons: [{ label: 'Show the plan', press: { do: 'run', name: 'dr.plan', input: {} } }],
  };
}
