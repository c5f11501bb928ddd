import type { Settings } from '../../domain/settings.ts';
import { fullName } from '../../domain/vm.ts';
import type { Driver } from '../driver.ts';
import type { Step } from '../step.ts';
import { reading } from '../steps/call.ts';
import { compareContent } from '../steps/compare.ts';
import { defineAndStart } from '../steps/domains.ts';
import { awaitOwnAddress, createNetwork, isMaker, probe, takenDown } from '../steps/probes.ts';
import { patience } from '../steps/units.ts';
import { judgeBackup, readBackup } from '../steps/verify-backup.ts';
import { cloneVolume } from '../steps/volumes.ts';
import { unpackAll } from '../vm/backup/made-of.ts';
import { verificationOf } from '../vm/backup/reading.ts';
import type { DrillFacts } from './drill-facts.ts';
import { checkCopies, filesystemChecks, guestProbes } from './guest-steps.ts';

/** What a guest that has its address may still take until it answers in each way, of the time that it has to boot. */
const OF_BOOT = 0.5;

/** Verified, restored, started, probed, compared, and taken down. Whatever fails unwinds the same. */
export function drillSteps(facts: DrillFacts, driver: Driver, settings: Settings, opId: string): Step[] {
  const { host, uuid, mac, isolated } = facts;
  const at = { driver, host };
  const of = verificationOf(facts, settings, host, opId);
  const { name, prefix, address } = isolated;
  const network = createNetwork(at, { name, prefix, guests: [{ mac, address }] });
  // The copy is taken of what the full backup holds: the increments on it are compared as they are applied.
  const unpacked = unpackAll(facts, driver, settings, opId, (disk) =>
    facts.copies
      .filter(({ target }) => target === disk.target)
      .map((copy) => {
        const { vg, name: origin, sizeBytes } = disk;
        const marks = { op: opId, vm: facts.vmId };
        return cloneVolume(at, { vg, name: copy.name, origin, originBytes: sizeBytes, sizeBytes, marks });
      }),
  );
  const checked = checkCopies(facts, driver, opId);
  const domain = defineAndStart({ ...at, uuid, vm: fullName(facts) }, facts.xml);
  const compared = comparisons(facts, driver, settings, opId);
  const read = readBackup(at, of);
  const made = [...read, network, ...unpacked, ...checked, ...compared].filter(isMaker);
  return [
    ...read,
    judgeBackup(at, of),
    network,
    ...unpacked,
    ...checked,
    domain,
    awaitOwnAddress(at, { uuid, mac, address }, facts.bootMs),
    ...probes(facts, driver),
    ...guestProbes(facts, driver, facts.bootMs * OF_BOOT),
    ...filesystemChecks(facts, driver, facts.bootMs * OF_BOOT),
    ...compared,
    takenDown(at, 'take-domain-down', 'Power it off and forget it', [domain].filter(isMaker)),
    takenDown(at, 'take-all-down', 'Remove its disks, files and network', made.toReversed()),
  ];
}

function probes(
  { host, uuid, port, agent, mounts, bootMs, isolated: { address } }: DrillFacts,
  driver: Driver,
): Step[] {
  const at = { driver, host };
  const forMs = bootMs * OF_BOOT;
  return [
    probe(at, {
      name: 'probe-ping',
      title: `Ping ${address}`,
      ask: driver.probes.ping(address),
      forMs,
      late: 'The guest did not answer a ping',
    }),
    ...(port === null
      ? []
      : [
          probe(at, {
            name: 'probe-port',
            title: `Connect to port ${port}`,
            ask: driver.probes.port(address, port),
            forMs,
            late: `The guest took no connection to port ${port}`,
          }),
        ]),
    ...(agent
      ? [
          probe(at, {
            name: 'probe-agent',
            title: 'Ask its guest agent',
            ask: driver.probes.agent(uuid),
            forMs,
            late: 'The guest’s agent did not answer',
          }),
        ]
      : []),
    ...(agent && mounts.length > 0
      ? [
          probe(at, {
            name: 'probe-filesystems',
            title: `See that ${mounts.join(', ')} can be mounted`,
            ask: reading(driver.disks.filesystems(uuid), (seen) =>
              mounts.every((mount) => seen?.some(({ mountpoint }) => mountpoint === mount) ?? false),
            ),
            forMs,
            late: `The guest did not mount all of ${mounts.join(', ')}`,
          }),
        ]
      : []),
  ];
}

function comparisons(facts: DrillFacts, driver: Driver, settings: Settings, opId: string): Step[] {
  const { host } = facts;
  return facts.copies.flatMap((copy) => {
    const disk = facts.disks.find(({ target }) => target === copy.target);
    if (disk === undefined) return [];
    const unit = (what: string) => `hostler-${opId}-${copy.target}-${what}`;
    return compareContent(
      { driver, host },
      {
        target: copy.target,
        path: disk.path,
        volume: { vg: disk.vg, name: copy.name },
        into: { file: copy.file, volume: copy.volume },
        units: { file: unit('file'), volume: unit('volume') },
        forMs: patience(settings, host),
        rate: settings.backups.rateBytes,
      },
    );
  });
}
