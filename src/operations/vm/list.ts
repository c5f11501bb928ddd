import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import { BotError } from '../../domain/error.ts';
import { HostName } from '../../domain/names.ts';
import { formatSize } from '../../domain/size.ts';
import { diskBytes, fullName, VM_STATES, type Vm, vmState } from '../../domain/vm.ts';
import { refreshBriefly } from '../observe.ts';
import { defineRead, type ReadContext } from '../spec.ts';

const Input = z.strictObject({
  state: z
    .enum(VM_STATES)
    .optional()
    .meta({ title: 'State', description: 'Only VMs in this state; trashed shows the trash' }),
  host: HostName.optional().meta({ title: 'Host', description: 'Only VMs on this host', choices: 'host' }),
});

export const vmList = defineRead({
  name: 'vm.list',
  summary: 'List the team’s VMs',
  details: '`--all` lists those of every team that you may look at; `--state trashed` those that can be restored.',
  input: Input,
  positional: [],
  permission: 'view',
  examples: ['/vm list', '/vm list --state running', '/vm list --all'],
  read: async (input, context) => {
    const { rows, settings, clock } = context;
    await refreshBriefly(
      context,
      settings.hosts.map(({ name }) => name),
    );
    // Once for all: a host's row holds all that it reported.
    const seen = rows.hosts.list();
    const answering = new Set(seen.filter(({ trouble }) => trouble === null).map(({ name }) => name));
    const teams = teamsToShow(context);
    const trashed = input.state === 'trashed';
    const vms = teams
      .flatMap((team) => (trashed ? rows.vms.trashed(team, null) : rows.vms.list(team)))
      .filter((vm) => input.host === undefined || vm.host === input.host)
      .map((vm) => ({ vm, state: vmState(vm, answering.has(vm.host)) }))
      .filter(({ state }) => input.state === undefined || state === input.state);
    const silent = seen.filter(({ trouble }) => trouble !== null);
    const unheard = settings.hosts.length - seen.length;
    const where = teams.length === 1 ? `Team ${teams[0]}` : `${teams.length} teams`;
    return {
      notice: {
        tone: 'plain',
        title: `${where}: ${vms.length} ${vms.length === 1 ? 'VM' : 'VMs'}${input.state === undefined ? '' : ` (${input.state})`}`,
        lines: [
          ...silent.map((host) => [
            `${host.name} does not answer (${host.trouble}). Last seen `,
            ...(host.seenAt === null ? ['never'] : [{ at: host.seenAt }]),
            '.',
          ]),
          ...(unheard > 0
            ? [
                `${unheard} ${unheard === 1 ? 'host has' : 'hosts have'} not answered yet: VMs there may be missing here.`,
              ]
            : []),
        ],
        table: {
          columns: ['VM', 'State', 'Host', 'Size', 'Address'],
          rows: vms.map(({ vm, state }) => [fullName(vm), state, vm.host, sizeOf(vm), vm.address ?? '–']),
          empty: trashed ? 'The trash is empty.' : 'No VM yet. `/vm create` makes one.',
        },
        buttons: trashed
          ? []
          : [{ label: 'Create a VM', press: { do: 'open', name: 'vm.create', input: {} }, style: 'primary' }],
      },
      json: vms.map(({ vm, state }) => vmJson(vm, state, clock.now())),
    };
  },
});

function sizeOf(vm: Vm): string {
  return `${vm.vcpus} vCPU, ${formatSize(vm.memoryBytes)}, ${formatSize(diskBytes(vm))}`;
}

/** The team asked for, or every one that the actor may look at: with `--all`, and for those who belong to none of their own. */
export function teamsToShow({ actor, settings, team, all }: ReadContext): string[] {
  const visible = settings.teams.map(({ name }) => name).filter((name) => decide(actor, 'view', name).allowed);
  if (team !== null && !all) return [team];
  if (all && actor.platform === null) {
    throw new BotError('forbidden', 'Only admins and auditors list the VMs of all teams', {
      hint: 'Leave out --all to list those of your own.',
    });
  }
  return visible;
}

/** A VM as scripts read it. */
export function vmJson(vm: Vm, state: string, now: number): Record<string, unknown> {
  return {
    id: vm.id,
    name: fullName(vm),
    team: vm.team,
    host: vm.host,
    state,
    vcpus: vm.vcpus,
    memoryBytes: vm.memoryBytes,
    diskBytes: diskBytes(vm),
    flavor: vm.flavor,
    image: vm.image,
    network: vm.network,
    address: vm.address,
    mac: vm.mac,
    uuid: vm.uuid,
    domain: vm.domainName,
    autostart: vm.autostart,
    createdBy: vm.createdBy,
    createdAt: new Date(vm.createdAt).toISOString(),
    trashedAt: vm.trashedAt === null ? null : new Date(vm.trashedAt).toISOString(),
    seenSecondsAgo: vm.seen === null ? null : Math.round((now - vm.seen.at) / 1000),
  };
}
