import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import type { FilesystemSeen } from '../../domain/guest-filesystem.ts';
import { HostName } from '../../domain/names.ts';
import type { Vm } from '../../domain/vm.ts';
import { refresh } from '../observe.ts';
import { defineChange, type ReadContext } from '../spec.ts';
import { hostsWith, mustBeReadable } from '../vm/backup/common.ts';
import { VmField } from '../vm/common.ts';
import { liveVm, VmRefText } from '../vm-ref.ts';
import { backupToDrill, randomVm } from './common.ts';
import { DrillFacts } from './drill-facts.ts';
import { beginDrill, reportDrill, settleDrill } from './drill-life.ts';
import { planDrill } from './drill-plan.ts';
import { drillSteps } from './drill-steps.ts';
import { hostsElsewhere } from './elsewhere.ts';

const Input = z.strictObject({
  vm: VmField.optional(),
  also: z.array(VmRefText).max(20).default([]).meta({
    title: 'Also',
    description: 'More VMs of the same team, each in a drill of its own behind it',
    choices: 'vm',
  }),
  random: z
    .boolean()
    .default(false)
    .meta({ title: 'Random', description: 'One of the team’s VMs that have a backup, chosen at random' }),
  host: HostName.optional().meta({
    title: 'Host',
    description: 'Restore it on this host instead of the best one',
    choices: 'host',
  }),
  port: z.int().min(0).max(65_535).optional().meta({
    title: 'Port',
    description: 'The TCP port that the guest should answer on; 0 for none. Else the one in the configuration',
    placeholder: '22',
  }),
  sameHost: z
    .boolean()
    .default(false)
    .meta({ title: 'Same host', description: 'Where there is one host only: restore it there' }),
});
export type DrillInput = z.infer<typeof Input>;

export const drDrill = defineChange({
  name: 'dr.drill',
  summary: 'Restore a VM’s newest backup on another host, prove that it works, and take it down again',
  details:
    'The backup is verified, restored as another VM in a network that leads nowhere, started and probed: its address, a ping, a TCP port; where the VM’s agent answers, its agent and its filesystems. Its disks are compared with what the backup holds. How old the backup is (RPO) and how long it took (RTO) is measured against what the team accepts. Then all of it is removed. The evidence is posted to the team’s channel, whether it passed or failed; a backup that is damaged, doesn’t boot or comes too late fails. The VM itself is not touched, and nothing counts against the quota.',
  input: Input,
  positional: ['vm', 'also'],
  permission: 'operate',
  risk: 'safe',
  examples: [
    '/dr drill web-01',
    '/dr drill web-01 db-01',
    '/dr drill --random',
    '/dr drill web-01 --host kvm-2 --port 443',
  ],
  facts: DrillFacts,
  look,
  plan: planDrill,
  steps: drillSteps,
  begin: beginDrill,
  settle: settleDrill,
  report: reportDrill,
});

/** How old a host's report may be for placement. */
const REPORT_AGE_MS = 60_000;

export interface DrillLook {
  readonly vm: Vm;
  /** Hosts that have the backup before them, and may take it. */
  readonly hosts: readonly string[];
  /** The VM's own agent answers just now: then the restored one's should. */
  readonly agent: boolean;
  /** What the agent says of its filesystems; empty where it doesn't. */
  readonly filesystems: readonly FilesystemSeen[];
}

async function look(input: DrillInput, context: ReadContext): Promise<DrillLook> {
  const { rows, fleet, driver, settings } = context;
  const vm = chosen(input, context);
  const backup = backupToDrill(rows, vm);
  mustBeReadable(backup, settings, rows);
  const seen = await hostsWith(backup, input.host ?? null, context);
  const hosts = hostsElsewhere(seen, { vm, backup, settings, sameHost: input.sameHost });
  const [alive, mounted] = await Promise.all([
    fleet.run(vm.host, driver.probes.agent(vm.uuid)),
    fleet.run(vm.host, driver.disks.filesystems(vm.uuid)),
    refresh(context, hosts, REPORT_AGE_MS),
  ]);
  // Its host may be gone, which is what this is about.
  return {
    vm,
    hosts,
    agent: alive.outcome === 'done' && alive.value,
    filesystems: mounted.outcome === 'done' ? (mounted.value ?? []) : [],
  };
}

function chosen({ vm, random }: DrillInput, { rows, team }: ReadContext): Vm {
  if (vm !== undefined && !random) return liveVm(rows, vm, team);
  if (vm !== undefined) {
    throw new BotError('invalid_input', 'A VM and --random are given, and only one of them can hold', {
      field: 'random',
      hint: 'Leave one of them out.',
    });
  }
  if (!random) {
    throw new BotError('invalid_input', 'Which VM is it to be?', {
      field: 'vm',
      hint: 'Name one, such as `/dr drill web-01`, or have one chosen: `/dr drill --random`.',
    });
  }
  if (team !== null) return randomVm(rows, team);
  throw new BotError('invalid_input', 'Of which team?', {
    field: 'team',
    hint: 'Add --team, or ask in the team’s channel.',
  });
}
