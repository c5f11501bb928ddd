import { z } from 'zod';
import { fillingOf, fillingText } from '../../domain/guest-filesystem.ts';
import type { Fact } from '../../domain/notice.ts';
import { STATE_WORDS } from '../../domain/plan.ts';
import { hasGivenUp, policyText } from '../../domain/restart.ts';
import { formatSize } from '../../domain/size.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import { lookAtHost } from '../observe.ts';
import { defineRead, type ReadContext } from '../spec.ts';
import { bestAddress } from '../steps/domains.ts';
import type { Rows } from '../store.ts';
import { liveVm, makerOf, splitRef, trashedVm } from '../vm-ref.ts';
import { loginFacts, stateOf, VmField, vmReport } from './common.ts';
import { vmJson } from './list.ts';

export const vmShow = defineRead({
  name: 'vm.show',
  summary: 'Show a VM: state, size, address, disks, last operations',
  input: z.strictObject({ vm: VmField }),
  positional: ['vm'],
  permission: 'view',
  examples: ['/vm show web-01'],
  read: async (input, context) => {
    const { rows, clock } = context;
    const known = showable(input.vm, context);
    const trouble = known.life === 'trashed' ? null : await freshen(known, context);
    const vm = rows.vms.byId(known.id) ?? known;
    const state = stateOf(vm, rows);
    const watch = rows.watch.of(vm.id);
    const recent = rows.operations.recent({ team: null, vmId: vm.id, limit: 5 });
    const facts: Fact[] = [
      { name: 'State', value: state },
      { name: 'Host', value: vm.host },
      { name: 'Size', value: `${vm.flavor}: ${vm.vcpus} vCPU, ${formatSize(vm.memoryBytes)}` },
      ...(vm.life === 'trashed' ? [] : loginFacts(vm)),
      { name: 'Network', value: `${vm.network}, ${vm.mac}` },
      {
        name: 'Disks',
        value: vm.disks
          .map((disk) => `${disk.target} ${formatSize(disk.sizeBytes)} ${disk.kind} (${disk.vg}/${disk.volume})`)
          .join(', '),
      },
      ...filesystemFacts(vm, rows),
      { name: 'Image', value: vm.image ?? 'none' },
      { name: 'Made', value: [`by ${vm.createdBy}, `, { at: vm.createdAt }] },
      { name: 'Autostart', value: vm.autostart ? 'on' : 'off' },
      {
        name: 'Started again by itself',
        value: hasGivenUp(watch) ? `${policyText(watch)}; given up` : policyText(watch),
      },
    ];
    return {
      notice: {
        tone: state === 'running' ? 'good' : 'plain',
        title: fullName(vm),
        lines: trouble === null ? [] : [`What follows is what was last known: ${trouble}`],
        facts,
        table: {
          columns: ['Operation', 'State', 'By', 'Id'],
          rows: recent.map((row) => [row.plan.title, STATE_WORDS[row.state], row.person, row.id]),
          empty: 'No operation yet.',
        },
        buttons:
          vm.life === 'trashed'
            ? [{ label: 'Restore', press: { do: 'run', name: 'vm.restore', input: { vm: fullName(vm) } } }]
            : vmReport(vm.id, rows).buttons,
        footer: `${vm.id} · ${vm.uuid}`,
      },
      json: {
        ...vmJson(vm, state, clock.now()),
        disks: vm.disks,
        filesystems: rows.filesystems.of(vm.id),
        restart: { policy: watch.restartPolicy ?? 'never', limit: watch.restartLimit, givenUp: hasGivenUp(watch) },
        operations: recent.map(({ id, kind, state: at, person }) => ({ id, kind, state: at, person })),
      },
    };
  },
});

/** What the guest's agent said last, and when. */
function filesystemFacts(vm: Vm, rows: Rows): Fact[] {
  const known = rows.filesystems.of(vm.id);
  const filling = fillingOf(known?.list ?? [], vm.disks);
  if (known === null || filling.length === 0) return [];
  return [{ name: 'In the guest', value: [`${filling.map(fillingText).join(', ')}; asked `, { at: known.at }] }];
}

/** The live VM of that name, whatever its life; else the newest in the trash. */
function showable(text: string, { rows, team, clock }: ReadContext): Vm {
  const ref = splitRef(text, team);
  const live = ref.team === null ? null : rows.vms.byName(ref.team, ref.name);
  if (live !== null) return live;
  return makerOf(rows, ref, true) === null ? liveVm(rows, text, team) : trashedVm(rows, text, team, clock.now());
}

/** Asks the host anew for state and address; answers with why it could not. */
async function freshen(vm: Vm, context: ReadContext): Promise<string | null> {
  const { rows, fleet, driver } = context;
  await lookAtHost(context, vm.host);
  const trouble = rows.hosts.find(vm.host)?.trouble ?? null;
  if (trouble !== null || vm.life !== 'live') return trouble;
  const seen = await fleet.run(vm.host, driver.domains.addresses(vm.uuid));
  if (seen.outcome !== 'done') return null;
  const address = bestAddress(seen.value, vm.mac);
  if (address !== null) rows.vms.update(vm.id, { address });
  return null;
}
