import { BotError } from '../../domain/error.ts';
import type { Amounts } from '../../domain/plan.ts';
import type { Flavor, HostSettings, Settings } from '../../domain/settings.ts';
import { formatSize, MiB } from '../../domain/size.ts';
import { isElsewhere, type Sizing, withHeadroom } from '../../domain/sizing.ts';
import { diskBytes, fullName, type Vm } from '../../domain/vm.ts';
import { roomToGrow } from '../candidates.ts';
import { withinQuota } from '../planning.ts';
import { planSaved } from '../snapshot/before-change.ts';
import type { Draft, PlanContext } from '../spec.ts';
import { sizeText } from '../steps/sizes.ts';
import { liveVm } from '../vm-ref.ts';
import { factsOf, vmLock } from './common.ts';
import { flavorOf, teamNamed } from './flavor-of.ts';
import { headroomOf, mostOf } from './headroom.ts';
import { powerOf } from './power.ts';
import type { ResizeInput } from './resize.ts';
import type { ResizeFacts } from './resize-facts.ts';
import type { ResizeLook } from './resize-look.ts';
import { refusePins, refuseShape } from './resize-ties.ts';

type Wanted = Pick<Sizing, 'vcpus' | 'memoryBytes'>;

/** The plan of another size: what is asked checked, and how it comes about: while it runs, while it is off, or by a restart. */
export function planResize(
  input: ResizeInput,
  context: PlanContext,
  { size: seen, forSnapshot }: ResizeLook,
): Draft<ResizeFacts> {
  const { settings, rows, opId } = context;
  const vm = liveVm(rows, input.vm, context.team);
  const name = fullName(vm);
  const flavor = input.flavor === undefined ? null : flavorOf(settings, input.flavor);
  const host = hostOf(settings, vm);
  const most = mostOf(rows, host);
  const wanted = wantedOf(input, flavor, vm);
  checkBounds(wanted, vm, settings, most);
  const row = { vcpus: vm.vcpus, memoryBytes: vm.memoryBytes };
  // What is not asked for stays as it is, also where somebody changed it on the host.
  const asked = {
    vcpus: flavor !== null || input.vcpus !== undefined,
    memory: flavor !== null || input.memory !== undefined,
  };
  if (same(wanted, row) && same(wanted, seen.kept) && !isChanged(wanted, seen.live)) {
    throw new BotError('wrong_state', `${name} has ${sizeText(row)} already`, {
      hint: 'Nothing to do: ask for another size.',
      field: flavor === null ? 'memory' : 'flavor',
    });
  }
  const was = powerOf(seen.state);
  if (was === 'suspended') {
    throw new BotError('wrong_state', `${name} is suspended: its guest can’t take another size`, {
      hint: `Type \`/vm resume ${name}\` first.`,
    });
  }
  const adds: Amounts = {
    vms: 0,
    vcpus: wanted.vcpus - vm.vcpus,
    memoryBytes: wanted.memoryBytes - vm.memoryBytes,
    diskBytes: 0,
  };
  // Before the room on its host, as for a new VM.
  withinQuota(teamNamed(settings, vm.team), adds, opId, rows);
  roomToGrow(rows, host, adds, opId);

  const why = seen.live === null ? [] : needsRestart(wanted, seen.live, seen.kept);
  if (why.length > 0 && !input.restart) {
    throw new BotError('wrong_state', `${name} needs a restart for that: ${why.join('; ')}`, {
      hint: `Type \`${retyped(name, input, wanted)} --restart\`, and it is shut down, resized and started again.`,
      field: 'restart',
    });
  }
  const how = seen.live === null ? 'off' : why.length > 0 ? 'restart' : 'live';
  const roomy = withHeadroom(wanted, headroomOf(settings, flavor, vm.image !== null), most);
  const to = how === 'live' ? { ...seen.kept, ...wanted } : refuseShape(name, seen, roomy);
  refusePins(name, seen, to);
  const { saved, notes } =
    how === 'restart' && forSnapshot !== null
      ? planSaved(vm, 'resize', forSnapshot, 0, context)
      : { saved: null, notes: [] };
  return {
    facts: {
      ...factsOf(vm),
      how,
      from: seen.kept,
      to,
      balloons:
        to.memoryBytes !== seen.kept.memoryBytes ||
        to.memoryBytes !== vm.memoryBytes ||
        (asked.memory && isElsewhereNow(wanted, seen.live)),
      plugs: to.vcpus !== seen.kept.vcpus || to.vcpus !== vm.vcpus || (asked.vcpus && seen.live?.vcpus !== to.vcpus),
      before: row,
      flavor: flavor?.name ?? 'custom',
      wasFlavor: vm.flavor,
      saved,
    },
    title: `Resize ${name} to ${sizeText(wanted)}`,
    verb: 'Resize',
    team: vm.team,
    subject: `vm:${name}`,
    host: vm.host,
    vmId: vm.id,
    risk: how === 'restart' ? 'disruptive' : 'safe',
    locks: [vmLock(vm)],
    adds,
    notes: [...notesOf(how, why, vm, { flavor, to, row, restart: input.restart }), ...notes],
  };
}

function wantedOf(input: ResizeInput, flavor: Flavor | null, vm: Vm): Wanted {
  if (flavor !== null) return { vcpus: flavor.vcpus, memoryBytes: Math.ceil(flavor.memoryBytes / MiB) * MiB };
  return { vcpus: input.vcpus ?? vm.vcpus, memoryBytes: input.memory ?? vm.memoryBytes };
}

/** Somebody gave the running one another size on its host. */
function isChanged(wanted: Wanted, live: Sizing | null): boolean {
  if (live === null) return false;
  return live.vcpus !== wanted.vcpus || isElsewhereNow(wanted, live);
}

function isElsewhereNow({ memoryBytes }: Wanted, live: Sizing | null): boolean {
  return live !== null && isElsewhere(live.memoryBytes, memoryBytes, live.maxMemoryBytes);
}

function same(a: Wanted, b: Wanted): boolean {
  return a.vcpus === b.vcpus && a.memoryBytes === b.memoryBytes;
}

function hostOf(settings: Settings, vm: Vm): HostSettings {
  const host = settings.hosts.find(({ name }) => name === vm.host);
  if (host !== undefined) return host;
  throw new BotError('not_found', `${fullName(vm)} is on host ${vm.host}, which the configuration doesn’t know`, {
    hint: 'Ask an admin.',
  });
}

/** At least what its guest needs, at most what its host has. */
function checkBounds(wanted: Wanted, vm: Vm, settings: Settings, most: Wanted): void {
  const least = settings.images.find(({ name }) => name === vm.image)?.minMemoryBytes ?? settings.minMemoryBytes;
  if (wanted.memoryBytes < least) {
    throw new BotError(
      'invalid_input',
      `${formatSize(wanted.memoryBytes)} of memory is too little for ${fullName(vm)}: its guest needs ${formatSize(least)}`,
      { field: 'memory', hint: `Ask for at least ${formatSize(least).replace(' ', '')}.` },
    );
  }
  const over: string[] = [];
  if (wanted.vcpus > most.vcpus) over.push(`${most.vcpus} CPUs, ${wanted.vcpus} vCPUs are asked`);
  if (wanted.memoryBytes > most.memoryBytes)
    over.push(`${formatSize(most.memoryBytes)} of memory for VMs, ${formatSize(wanted.memoryBytes)} are asked`);
  if (over.length === 0) return;
  throw new BotError('no_capacity', `Host ${vm.host} is smaller than that: it has ${over.join('; ')}`, {
    hint: 'Ask for less, or make a VM of that size on a larger host.',
  });
}

/** Why it can't be done while it runs; empty when it can. */
function needsRestart(wanted: Wanted, live: Sizing, kept: Sizing): string[] {
  const why: string[] = [];
  const maxVcpus = Math.min(live.maxVcpus, kept.maxVcpus);
  const maxMemory = Math.min(live.maxMemoryBytes, kept.maxMemoryBytes);
  if (wanted.vcpus > maxVcpus) why.push(`while it runs it can have ${maxVcpus} vCPU at most`);
  if (wanted.vcpus < live.vcpus) why.push('a running guest does not give vCPUs back reliably');
  if (wanted.memoryBytes > maxMemory) why.push(`while it runs it can have ${formatSize(maxMemory)} of memory at most`);
  return why;
}

/** What to type, with the flag still to come. */
function retyped(name: string, input: ResizeInput, wanted: Wanted): string {
  if (input.flavor !== undefined) return `/vm resize ${name} --flavor ${input.flavor}`;
  const vcpus = input.vcpus === undefined ? '' : ` --vcpus ${input.vcpus}`;
  const memory = input.memory === undefined ? '' : ` --memory ${wanted.memoryBytes / MiB}MiB`;
  return `/vm resize ${name}${vcpus}${memory}`;
}

interface Told {
  readonly flavor: Flavor | null;
  readonly to: Sizing;
  readonly row: Wanted;
  readonly restart: boolean;
}

function notesOf(
  how: ResizeFacts['how'],
  why: readonly string[],
  vm: Vm,
  { flavor, to, row, restart }: Told,
): string[] {
  const disk = diskBytes(vm);
  return [
    `It has ${sizeText(row)} now.`,
    ...(how === 'restart' ? [`It is shut down and started again: ${why.join('; ')}.`] : []),
    ...(how === 'live' ? [`It goes on running.${restart ? ' No restart is needed.' : ''}`] : []),
    ...(how === 'off' ? ['It is off: the size counts from its next start.'] : []),
    ...(how === 'live' && to.memoryBytes < row.memoryBytes
      ? ['Its guest must give memory back: what it caches goes first, and programs may get short of it.']
      : []),
    ...(flavor !== null && flavor.diskBytes !== disk
      ? [
          `Its disk stays at ${formatSize(disk)}: ${flavor.diskBytes < disk ? 'disks are never shrunk' : 'a resize doesn’t touch disks'}.`,
        ]
      : []),
    ...(how === 'live'
      ? []
      : [`Afterwards it can grow to ${to.maxVcpus} vCPU and ${formatSize(to.maxMemoryBytes)} while it runs.`]),
  ];
}
