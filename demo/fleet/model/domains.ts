/** The life of domains: found, started, ended, and what time does to them. */
import type { Domain, HostModel, Nic } from './host-model.ts';
import { volumeAt } from './lvm.ts';
import { counterAt, guestMeters } from './meters.ts';
import { mintUuid } from './mint.ts';
import { withoutDisk } from './plug.ts';

/** By name, UUID or running id, as virsh takes them. */
export function findDomain(model: HostModel, key: string): Domain | undefined {
  return (
    model.domains.find((it) => it.live !== null && String(it.live.id) === key) ??
    model.domains.find((it) => it.uuid === key.toLowerCase()) ??
    model.domains.find((it) => it.name === key)
  );
}

/** Why it can't start, in libvirt's words; undefined when it can. */
export function startProblem(model: HostModel, domain: Domain): string | undefined {
  for (const disk of domain.facts.disks) {
    if (disk.source === null) continue;
    const volume = volumeAt(model, disk.source);
    const there = model.files[disk.source] !== undefined || volume?.active === true;
    if (!there) return `Cannot access storage file '${disk.source}': No such file or directory`;
  }
  for (const nic of domain.facts.nics) {
    if (nic.type === 'network') {
      const network = model.networks.find((it) => it.name === nic.source);
      if (network === undefined) return `Network not found: no network with matching name '${nic.source}'`;
      if (!network.active) return `Requested operation is not valid: network '${nic.source}' is not active`;
    } else if (!model.bridges.includes(nic.source)) {
      return `Cannot get interface MTU on '${nic.source}': No such device`;
    }
  }
  const taken = model.domains.reduce((sum, it) => sum + (it.live === null ? 0 : it.live.facts.memoryKiB * 1024), 0);
  if (
    domain.facts.memoryKiB * 1024 > model.memoryBytes ||
    taken + domain.facts.memoryKiB * 1024 > model.memoryBytes * 4
  ) {
    return `internal error: process exited while connecting to monitor: qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory`;
  }
  return undefined;
}

/** Runs it; `startProblem` was asked before. */
export function start(model: HostModel, domain: Domain, now: number, paused: boolean): void {
  const ports = new Set(model.domains.map((it) => it.live?.vncPort));
  let port = 5900;
  while (ports.has(port)) port += 1;
  const taps = domain.facts.nics.map(() => {
    const tap = `vnet${model.libvirt.nextTap}`;
    model.libvirt.nextTap += 1;
    return tap;
  });
  domain.live = {
    id: model.libvirt.nextId,
    startedAt: now,
    bootId: mintUuid(model),
    bootedAt: now,
    xml: domain.xml,
    facts: domain.facts,
    vncPort: domain.facts.vnc ? port : null,
    taps,
    portIds: domain.facts.nics.map(() => mintUuid(model)),
    frozen: false,
    diskBytes: Object.fromEntries(domain.facts.disks.map((disk) => [disk.target, diskSize(model, disk.source)])),
    filesystems: filesystemsOf(model, domain),
    offAt: null,
    bootVcpus: domain.facts.vcpus,
    balloon: { beforeKiB: domain.facts.memoryKiB, at: now },
  };
  model.libvirt.nextId += 1;
  domain.managedSave = false;
  domain.state = paused ? 'paused' : 'running';
  domain.reason = paused ? 'user' : 'booted';
}

/** The guest's first disk has one, which fills it: it was grown while it booted. */
function filesystemsOf(model: HostModel, { facts }: Domain): Record<string, number> {
  const [first] = facts.disks;
  return first === undefined ? {} : { [first.target]: diskSize(model, first.source) };
}

/** What lies behind a disk, in bytes. */
export function diskSize(model: HostModel, source: string | null): number {
  if (source === null) return 0;
  const file = model.files[source];
  return volumeAt(model, source)?.sizeBytes ?? file?.image?.virtualBytes ?? file?.sizeBytes ?? 0;
}

/** Ends it; a domain without definition is gone then. What it read and wrote stays in the host's own counters. */
export function end(model: HostModel, domain: Domain, reason: string, now: number): void {
  const volume = volumeAt(model, domain.live?.facts.disks[0]?.source ?? '');
  if (domain.live !== null && volume !== undefined) {
    const { readBytes, writtenBytes } = guestMeters(domain.live);
    const { read, written } = volume.carried ?? { read: 0, written: 0 };
    volume.carried = { read: read + counterAt(readBytes, now), written: written + counterAt(writtenBytes, now) };
  }
  domain.live = null;
  domain.state = 'shut off';
  domain.reason = reason;
  if (!domain.persistent) model.domains.splice(model.domains.indexOf(domain), 1);
}

/** Shutdowns that are due by now, and disks that guests have let go of. */
export function settleDomains(model: HostModel, now: number): void {
  for (const domain of [...model.domains]) {
    letGo(domain, now);
    mirror(model, domain, now);
    const offAt = domain.live?.offAt ?? null;
    if (offAt !== null && offAt <= now && domain.state === 'running') end(model, domain, 'shutdown', offAt);
  }
}

/** A guest hears that it should let go of a disk while its CPUs run. */
function letGo(domain: Domain, now: number): void {
  const { unplugMs = 5 } = domain.guest;
  if (unplugMs === null || domain.state !== 'running') return;
  for (const [target, since] of Object.entries(domain.live?.unplugging ?? {})) {
    if (domain.live === null || now < since + unplugMs) continue;
    domain.live = withoutDisk(domain.live, target);
  }
}

/** What is mirrored holds the same from when it is ready on: all of it was written, zeros too. */
function mirror(model: HostModel, { live }: Domain, now: number): void {
  for (const [target, { to, readyAt }] of Object.entries(live?.mirrors ?? {})) {
    const source = live?.facts.disks.find((it) => it.target === target)?.source ?? '';
    const [from, copy] = [volumeAt(model, source), volumeAt(model, to)];
    if (from === undefined || copy === undefined || now < readyAt) continue;
    Object.assign(copy, { content: from.content, ownBytes: copy.sizeBytes, mappedBytes: copy.sizeBytes });
  }
}

export function agentAnswers(domain: Domain, now: number): boolean {
  const { live, guest } = domain;
  if (live === null || domain.state !== 'running' || !live.facts.agentChannel || guest.agentMs === null) return false;
  return now >= live.bootedAt + guest.agentMs;
}

/** What the guest has of its memory just now: all of it until it has booted, and until it follows its balloon. */
export function balloonKiB({ live, guest, facts, state }: Domain, now: number): number {
  if (live === null) return facts.currentKiB;
  const { balloon } = live;
  const { balloonMs = 5 } = guest;
  if (balloon === undefined) return live.facts.currentKiB;
  const follows = balloonMs !== null && state === 'running' && now >= balloon.at + balloonMs;
  return follows ? live.facts.currentKiB : balloon.beforeKiB;
}

export interface Address {
  readonly nic: Nic;
  readonly tap: string;
  /** Without prefix length. */
  readonly address: string;
  /** By libvirt's own DHCP server. */
  readonly leased: boolean;
}

/** Addresses that the guest has by now. */
export function addressesOf(model: HostModel, domain: Domain, now: number): Address[] {
  const { live, guest } = domain;
  if (live === null || guest.leaseMs === null || now < live.bootedAt + guest.leaseMs) return [];
  return live.facts.nics.flatMap((nic, index) => {
    const network = nic.type === 'network' ? model.networks.find((it) => it.name === nic.source) : undefined;
    if (network === undefined) return [];
    const address = network.guests?.[nic.mac] ?? `${network.prefix}.${hostPart(nic.mac)}`;
    return [{ nic, tap: live.taps[index] ?? '', address, leased: true }];
  });
}

/** Which running guest has this address by now. */
export function guestAt(model: HostModel, address: string, now: number): Domain | undefined {
  return model.domains.find(
    (domain) => domain.state === 'running' && addressesOf(model, domain, now).some((each) => each.address === address),
  );
}

/** The last byte of a guest’s address: 2 to 254, from the MAC address, so that it stays over restarts. */
export function hostPart(mac: string): number {
  const value = mac.split(':').reduce((sum, byte) => (sum * 31 + Number.parseInt(byte, 16)) % 65_521, 7);
  return 2 + (value % 253);
}
