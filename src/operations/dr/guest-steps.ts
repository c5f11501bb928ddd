/** What a drill asks of the restored guest through its agent: a command, a marker file, and its filesystems. */
import { formatSpan } from '../../domain/size.ts';
import { fullName } from '../../domain/vm.ts';
import type { Driver } from '../driver.ts';
import type { Seen, Step } from '../step.ts';
import { throughAgent } from '../steps/guests.ts';
import { lendDisk } from '../steps/plug.ts';
import { cloneVolume } from '../steps/volumes.ts';
import type { DrillFacts } from './drill-facts.ts';

const LOOK_AT_IT = 'Restore the backup as a VM of its own and look into it: `/vm backup restore … --as`.';

/** A command that must end with 0, and a file that must be what it was. */
export function guestProbes({ host, uuid, command, marker }: DrillFacts, driver: Driver, forMs: number): Step[] {
  const common = { host, act: null, undo: 'nothing-to-undo' } as const;
  const within = (message: string) => ({
    forMs,
    everyMs: 5_000,
    late: { message: `${message} within ${formatSpan(forMs)}`, hint: LOOK_AT_IT },
  });
  return [
    ...(command === null
      ? []
      : [
          {
            ...common,
            name: 'probe-command',
            title: `Run in the guest: ${command}`,
            look: throughAgent(driver.guests.command(uuid, command), ({ exit, lastLines }): Seen => {
              if (exit === 0) return { state: 'done', output: { lastLines } };
              return { state: 'absent', why: `exit code ${exit}${lastLines === '' ? '' : `: ${lastLines}`}` };
            }),
            wait: within(`\`${command}\` did not end with 0`),
          },
        ]),
    ...(marker === null
      ? []
      : [
          {
            ...common,
            name: 'read-marker',
            title: `Compare ${marker.path} with what it was`,
            look: throughAgent(driver.guests.sha256(uuid, marker.path), (sha256): Seen => {
              if (sha256 === null) return { state: 'absent', why: 'there is no such file' };
              if (marker.sha256 === null || marker.sha256 === sha256) return { state: 'done', output: { sha256 } };
              const what = `${marker.path} is not what it was: SHA-256 ${sha256}, and ${marker.sha256} when it was backed up`;
              return { state: 'failed', what };
            }),
            wait: within(`${marker.path} could not be read`),
          },
        ]),
  ];
}

/** Copies of its disks as they were unpacked, for the check: what mounts them writes to them. */
export function checkCopies({ checks, disks, vmId, host }: DrillFacts, driver: Driver, opId: string): Step[] {
  return checks.flatMap(({ of, name }) => {
    const disk = disks.find(({ target }) => target === of);
    if (disk === undefined) return [];
    const { vg, name: origin, sizeBytes } = disk;
    const marks = { op: opId, vm: vmId };
    return [cloneVolume({ driver, host }, { vg, name, origin, originBytes: sizeBytes, sizeBytes, marks })];
  });
}

/** Lends the guest each copy, and has it check what is on it. */
export function filesystemChecks(facts: DrillFacts, driver: Driver, forMs: number): Step[] {
  const { host, uuid, checks, disks } = facts;
  return checks.flatMap(({ of, name, target, serial }): Step[] => {
    const source = driver.volumes.devicePath({ vg: disks.find((disk) => disk.target === of)?.vg ?? '', name });
    const disk = { target, source, xml: driver.disks.xmlOf({ target, source, serial }) };
    return [
      lendDisk({ driver, host, uuid, vm: fullName(facts) }, disk, `Lend the guest a copy of ${of} as it was restored`),
      {
        name: `check-filesystems:${of}`,
        title: `Have the guest check the filesystems of ${of} (e2fsck -fn, xfs_repair -n)`,
        host,
        act: null,
        look: throughAgent(driver.guests.check(uuid, serial), (found): Seen => {
          const bad = found.filter(({ state }) => state === 'bad');
          if (bad.length === 0) return { state: 'done', output: { found } };
          const what = bad.map(({ part, type, why }) => `${type} on ${part}, ${why}`).join('; ');
          return { state: 'failed', what: `A filesystem of ${of} is damaged: ${what}` };
        }),
        wait: {
          forMs,
          everyMs: 5_000,
          late: {
            message: `The filesystems of ${of} could not be checked within ${formatSpan(forMs)}`,
            hint: LOOK_AT_IT,
          },
        },
        undo: 'nothing-to-undo',
      },
    ];
  });
}
