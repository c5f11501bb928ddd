import { powerOf } from '../../domain/health.ts';
import type { DomainSeen, VolumeSeen } from '../../domain/inventory.ts';
import type { Button } from '../../domain/notice.ts';
import { formatSize, MiB } from '../../domain/size.ts';
import { isElsewhere } from '../../domain/sizing.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import type { Rows } from '../store.ts';
import { vmLock } from '../vm/common.ts';
import type { Finding } from './find.ts';

/** What the VM's host says; null for what nobody knows. */
export interface SaidOf {
  readonly domains: readonly DomainSeen[] | null;
  readonly volumes: readonly VolumeSeen[] | null;
  readonly autostarting: ReadonlySet<string> | null;
}

type Said = Pick<Finding, 'what' | 'todo' | 'repairs'>;

/** What somebody changed of a VM on its host, past Hostler: each with the ways to bring both together. */
export function changedByHand(vm: Vm, rows: Rows, { domains, volumes, autostarting }: SaidOf): Finding[] {
  if (vm.life !== 'live' || rows.locks.holder(vmLock(vm)) !== null) return [];
  const domain = domains?.find(({ uuid }) => uuid === vm.uuid);
  const found: [part: string, said: Said | null][] = [
    ['domain', domains !== null && domain === undefined ? goneDomain(vm) : null],
    ...(domain === undefined
      ? []
      : ([
          ['name', otherName(vm, domain)],
          ['vcpus', otherVcpus(vm, domain)],
          ['memory', otherMemory(vm, domain)],
          ['autostart', autostarting === null ? null : otherAutostart(vm, autostarting.has(vm.uuid))],
        ] satisfies [string, Said | null][])),
    ...(volumes === null
      ? []
      : vm.disks.map((disk): [string, Said | null] => [disk.target, otherDisk(vm, disk, volumes)])),
  ];
  return found.flatMap(([part, said]): Finding[] =>
    said === null
      ? []
      : [{ key: `changed:${vm.id}/${part}`, kind: 'changed', host: vm.host, name: fullName(vm), ...said }],
  );
}

function goneDomain(vm: Vm): Said {
  return {
    what: 'its domain is gone from the host',
    todo: 'Define it again on the host, or /vm delete it: its volumes go to the trash.',
    repairs: [run(`Delete ${fullName(vm)}`, 'vm.delete', { vm: fullName(vm) })],
  };
}

function otherName(vm: Vm, { name }: DomainSeen): Said | null {
  if (name === vm.domainName) return null;
  // A rename gives it the name that goes with the VM's.
  const regular = vm.domainName === `${vm.team}-${vm.name}`;
  return {
    what: `its domain is called ${name}, not ${vm.domainName}`,
    todo: regular
      ? `/vm rename ${fullName(vm)} ${vm.name} names it back, with a shutdown where it runs.`
      : `Name it back on the host: virsh domrename ${name} ${vm.domainName}`,
    repairs: regular ? [run(`Name ${name} back`, 'vm.rename', { vm: fullName(vm), name: vm.name })] : [],
  };
}

function otherVcpus(vm: Vm, { vcpus }: DomainSeen): Said | null {
  if (powerOf(vm.seen) !== 'running' || vcpus <= 0 || vcpus === vm.vcpus) return null;
  return {
    what: `it has ${vcpus} vCPUs, and ${vm.vcpus} on record`,
    todo: `/vm resize ${fullName(vm)} brings both together; quota counts what is on record.`,
    repairs: [
      resized(vm, `Put back ${vm.vcpus} vCPU: ${fullName(vm)}`, { vcpus: vm.vcpus }),
      resized(vm, `Take over ${vcpus} vCPU: ${fullName(vm)}`, { vcpus }),
    ],
  };
}

function otherMemory(vm: Vm, { balloonBytes, memoryBytes }: DomainSeen): Said | null {
  const power = powerOf(vm.seen);
  if (balloonBytes === undefined || (power !== 'running' && power !== 'off')) return null;
  // One that is off has no guest that could be slow: what it starts with is what was set.
  const most = power === 'off' ? Number.POSITIVE_INFINITY : memoryBytes;
  if (!isElsewhere(balloonBytes, vm.memoryBytes, most)) return null;
  return {
    what: `it has ${formatSize(balloonBytes)} of memory, and ${formatSize(vm.memoryBytes)} on record`,
    todo: `/vm resize ${fullName(vm)} brings both together; quota counts what is on record.`,
    repairs: [
      resized(vm, `Put back ${formatSize(vm.memoryBytes)}: ${fullName(vm)}`, { memory: inMiB(vm.memoryBytes) }),
      resized(vm, `Take over ${formatSize(balloonBytes)}: ${fullName(vm)}`, { memory: inMiB(balloonBytes) }),
    ],
  };
}

function otherAutostart(vm: Vm, starts: boolean): Said | null {
  if (starts === vm.autostart) return null;
  const set = (on: boolean) => ({ vm: fullName(vm), set: on ? 'on' : 'off' });
  const word = (on: boolean) => `autostart ${on ? 'on' : 'off'}: ${fullName(vm)}`;
  return {
    what: starts
      ? 'it starts with its host, and does not on record'
      : 'it does not start with its host, and does on record',
    todo: `/vm autostart ${fullName(vm)} ${vm.autostart ? 'on' : 'off'} puts it back, ${starts ? 'on' : 'off'} takes it over.`,
    repairs: [
      run(`Put back ${word(vm.autostart)}`, 'vm.autostart', set(vm.autostart)),
      run(`Take over ${word(starts)}`, 'vm.autostart', set(starts)),
    ],
  };
}

function otherDisk(vm: Vm, disk: Vm['disks'][number], volumes: readonly VolumeSeen[]): Said | null {
  const seen = volumes.find(({ vg, name }) => vg === disk.vg && name === disk.volume);
  const name = `${disk.vg}/${disk.volume}`;
  if (seen === undefined)
    return {
      what: `its disk ${disk.target} (${name}) is gone from the host`,
      todo: 'Look at lvs on the host: was it renamed or removed?',
      repairs: [],
    };
  if (seen.sizeBytes === disk.sizeBytes || disk.kind === 'existing' || !isOther(seen.sizeBytes, disk.sizeBytes))
    return null;
  const larger = seen.sizeBytes > disk.sizeBytes;
  return {
    what: `its disk ${disk.target} has ${formatSize(seen.sizeBytes)}, and ${formatSize(disk.sizeBytes)} on record`,
    todo: `Somebody changed ${name} on the host. /vm disk extend to what it has brings both together.`,
    repairs: larger
      ? [
          run(`Take over ${formatSize(seen.sizeBytes)}: ${fullName(vm)}`, 'vm.disk.extend', {
            vm: fullName(vm),
            disk: disk.target,
            size: inMiB(seen.sizeBytes),
          }),
        ]
      : [],
  };
}

/** LVM rounds up to whole extents. */
function isOther(seen: number, recorded: number): boolean {
  return seen < recorded || seen - recorded >= 64 * MiB;
}

function resized(vm: Vm, label: string, size: Readonly<Record<string, unknown>>): Button {
  // Where it can't be done while it runs its plan says so.
  return run(label, 'vm.resize', { vm: fullName(vm), ...size, restart: true });
}

function run(label: string, name: string, input: Readonly<Record<string, unknown>>): Button {
  return { label, press: { do: 'run', name, input } };
}

function inMiB(bytes: number): string {
  return `${Math.ceil(bytes / MiB)}MiB`;
}
