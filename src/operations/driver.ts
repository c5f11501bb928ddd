import type { DomainSeen, Observation, VolumeSeen } from '../domain/inventory.ts';
import type { Sizing } from '../domain/sizing.ts';
import type { Hold } from '../domain/snapshot.ts';
import type { Sweep } from '../domain/sweep.ts';
import type { BackupVerbs } from './backup-verbs.ts';
import type { ChangeVerbs } from './change-verbs.ts';
import type { CopyVerbs } from './copy-verbs.ts';
import type { DiskVerbs } from './disk-verbs.ts';
import type { FileVerbs } from './file-verbs.ts';
import type { GuestVerbs } from './guest-verbs.ts';
import type { ImageVerbs } from './image-verbs.ts';
import type { MarkVerbs } from './mark-verbs.ts';
import type { MirrorVerbs } from './mirror-verbs.ts';
import type { NetworkVerbs } from './network-verbs.ts';
import type { PoolVerbs } from './pool-verbs.ts';
import type { HostCall } from './ports.ts';
import type { ProbeVerbs } from './probe-verbs.ts';
import type { SeedImage, SeedSpec } from './seed-verbs.ts';
import type { SizeSeen } from './size-verbs.ts';

/**
 * What can be asked of a hypervisor host, as calls that are pure data until a host port runs them.
 * Verbs are named after libvirt's and LVM's. Domains are named by UUID, which is minted with the plan and so is a mark of its own.
 * Sizes are bytes.
 */
export interface Driver {
  /** How the host is now: what lists and placement need, in one round trip, whatever the number of VMs. */
  readonly observe: (vg: string) => HostCall<Observation>;
  /** The same with all that is watched from minute to minute. The domains in `probe` (UUIDs) are asked for agent and address, which costs time. */
  readonly sweep: (vg: string, probe: readonly string[]) => HostCall<Sweep>;
  readonly domains: DomainVerbs;
  readonly disks: DiskVerbs;
  readonly mirrors: MirrorVerbs;
  readonly volumes: VolumeVerbs;
  readonly pools: PoolVerbs;
  readonly snapshots: SnapshotVerbs;
  readonly files: FileVerbs;
  readonly guests: GuestVerbs;
  readonly images: ImageVerbs;
  readonly backups: BackupVerbs;
  readonly changes: ChangeVerbs;
  readonly copies: CopyVerbs;
  readonly networks: NetworkVerbs;
  readonly probes: ProbeVerbs;
  /** The disk that tells a new guest its name and whom to let in (cloud-init's NoCloud). Pure: the same spec gives the same bytes. */
  readonly seed: (spec: SeedSpec) => SeedImage;
}

/** The marks that everything made bears: who made it, whose it is. */
export interface Marks {
  /** Id of the operation that made it. */
  readonly op: string;
  /** Id of the VM (or image) that owns it. */
  readonly vm: string;
}

export interface DiskSpec {
  /** `vda`, `vdb` … */
  readonly target: string;
  /** Block device or file on the host. */
  readonly path: string;
  readonly source: 'block' | 'file';
  readonly device: 'disk' | 'cdrom';
  readonly readonly: boolean;
  /** What the path holds. Default `raw`. */
  readonly format?: 'raw' | 'qcow2';
  /** What the guest finds it by. */
  readonly serial?: string;
}

export interface DomainSpec extends Marks {
  readonly uuid: string;
  /** The domain's name on the host, `team-name`. */
  readonly domainName: string;
  readonly team: string;
  /** The VM's name in its team. */
  readonly name: string;
  readonly vcpus: number;
  /** How many can be plugged in while it runs. Default `vcpus`. */
  readonly maxVcpus?: number;
  readonly memoryBytes: number;
  /** What its balloon can let it have while it runs. Default `memoryBytes`. */
  readonly maxMemoryBytes?: number;
  readonly disks: readonly DiskSpec[];
  readonly nics: readonly {
    readonly mac: string;
    readonly source: { readonly network: string } | { readonly bridge: string };
  }[];
  /** Boot order: the first is tried first. */
  readonly boot: readonly ('disk' | 'cdrom' | 'network')[];
}

export interface CloneSpec extends Pick<DomainSpec, 'op' | 'vm' | 'uuid' | 'domainName' | 'team' | 'name'> {
  readonly mac: string;
  readonly disks: readonly { readonly target: string; readonly path: string }[];
  readonly seed: { readonly target: string; readonly path: string } | null;
  /**
   * All its interfaces hang on this libvirt network, or it has none (null), and nothing of the host's is passed through to it. Left out: as
   * they were.
   */
  readonly alone?: { readonly network: string | null };
}

/** What distinguishes one template from another; virt-install knows what each OS wants. */
export interface TemplateSpec {
  readonly osinfo: string;
  readonly vcpus: number;
  readonly memoryBytes: number;
}

export interface AddressSeen {
  readonly mac: string;
  /** Without prefix length. */
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly source: 'lease' | 'agent' | 'arp';
}

export interface DomainVerbs extends MarkVerbs {
  /** virt-install's own opinion of a domain for this OS on this host, as XML; makes nothing (`--dry-run --print-xml`). */
  readonly template: (spec: TemplateSpec) => HostCall<string>;
  /** A template filled in for one VM. Throws BotError `host_fault` when the template isn't a domain's XML. */
  readonly fillTemplate: (template: string, spec: DomainSpec) => string;
  /** The same XML under another name and with other marks kept: for restore and rename of a saved definition. */
  readonly renameInXml: (
    xml: string,
    names: { readonly domainName: string; readonly team: string; readonly name: string },
  ) => string;
  /** The same machine as another VM: names, ids, disks and addresses are the new one's, its drives empty, its NVRAM fresh. */
  readonly cloneXml: (xml: string, spec: CloneSpec) => string;
  readonly define: (xml: string) => HostCall<void>;
  /** Both with one connection to libvirt, which costs a host more than the definition does. Where `define` is refused, nothing starts. */
  readonly defineAndStart: (uuid: string, xml: string) => HostCall<void>;
  /** Cuts the power, if it is on, and takes the definition away. */
  readonly stopAndUndefine: (uuid: string) => HostCall<void>;
  /** Null where the host knows no such domain. */
  readonly look: (uuid: string) => HostCall<DomainSeen | null>;
  readonly start: (uuid: string) => HostCall<void>;
  readonly shutdown: (uuid: string) => HostCall<void>;
  /** Power off at once (libvirt's `destroy`). */
  readonly stop: (uuid: string) => HostCall<void>;
  readonly suspend: (uuid: string) => HostCall<void>;
  readonly resume: (uuid: string) => HostCall<void>;
  /** Removes the definition with managed save, snapshot and checkpoint metadata; NVRAM and TPM state are kept or go with it. Never storage. */
  readonly undefine: (uuid: string, options: { readonly keepNvram: boolean }) => HostCall<void>;
  /** Gives a domain that is off another name, and its metadata the new team and name. */
  readonly rename: (
    uuid: string,
    names: { readonly domainName: string; readonly team: string; readonly name: string },
  ) => HostCall<void>;
  readonly autostart: (uuid: string, on: boolean) => HostCall<void>;
  /** Whether it starts with the host; null where there is no such domain. */
  readonly autostartOf: (uuid: string) => HostCall<boolean | null>;
  /** The definition as libvirt keeps it (`--inactive --security-info`), or the running one. Null where there is none. */
  readonly xml: (uuid: string, options: { readonly inactive: boolean }) => HostCall<string | null>;
  /** Asks DHCP leases, the guest agent and the ARP table, in one call; [] while nothing is known. Loopback and link-local are left out. */
  readonly addresses: (uuid: string) => HostCall<readonly AddressSeen[]>;
  /** `127.0.0.1:0` and the like; null when off or without graphics. */
  readonly vncDisplay: (uuid: string) => HostCall<string | null>;
  /** Null where there is no such domain. */
  readonly sizeOf: (uuid: string) => HostCall<SizeSeen | null>;
  /** Gives a domain that is off another size, maxima and all, for its next start. */
  readonly resize: (uuid: string, size: Sizing) => HostCall<void>;
  /** Sets the balloon of a running domain, now and for its next start. The guest follows in its own time, or doesn't. */
  readonly balloon: (uuid: string, memoryBytes: number) => HostCall<void>;
  /** Gives a running domain so many vCPUs, now and for its next start, and has its agent switch them on where it has one. */
  readonly plugVcpus: (uuid: string, vcpus: number) => HostCall<void>;
  /** Tells a domain that runs how large its disk is now. */
  readonly resizeDisk: (uuid: string, disk: { readonly target: string; readonly sizeBytes: number }) => HostCall<void>;
  /** How large the running domain takes its disk to be; null where it is off, or has no such disk. */
  readonly diskBytes: (uuid: string, target: string) => HostCall<number | null>;
}

export interface VolumeName {
  readonly vg: string;
  readonly name: string;
}

export interface VolumeVerbs {
  /** Null where there is none. */
  readonly look: (volume: VolumeName) => HostCall<VolumeSeen | null>;
  /** Every volume of the group that bears this tag. */
  readonly byTag: (vg: string, tag: string) => HostCall<readonly VolumeSeen[]>;
  /** A thin snapshot that is a volume of its own, activated; extended when `sizeBytes` is above the origin's size. */
  readonly clone: (
    volume: VolumeName & {
      readonly origin: string;
      readonly originBytes: number;
      readonly sizeBytes: number;
      readonly marks: Marks;
      /** The snapshot that its content comes from, kept as a tag. */
      readonly from?: string;
    },
  ) => HostCall<void>;
  readonly createThin: (
    volume: VolumeName & { readonly pool: string; readonly sizeBytes: number; readonly marks: Marks },
  ) => HostCall<void>;
  readonly createThick: (volume: VolumeName & { readonly sizeBytes: number; readonly marks: Marks }) => HostCall<void>;
  readonly extend: (volume: VolumeName & { readonly sizeBytes: number }) => HostCall<void>;
  /**
   * Writes zeros from there to the volume's end, in a unit of its own. LVM hands out extents with what another team left in them:
   * a thin pool zeroes what it gives, for a thick volume nobody does.
   */
  readonly wipe: (volume: VolumeName & { readonly fromBytes: number; readonly unit: string }) => HostCall<void>;
  readonly rename: (volume: VolumeName & { readonly to: string }) => HostCall<void>;
  /** Removes it only where it bears the tag; is content when it isn't there. */
  readonly removeMarked: (volume: VolumeName & { readonly tag: string }) => HostCall<void>;
  readonly retag: (
    volume: VolumeName & { readonly add: readonly string[]; readonly remove: readonly string[] },
  ) => HostCall<void>;
  /** Whether a thin pool gives zeros where nothing was written yet. One that doesn't shows what lay there before. */
  readonly zeroes: (pool: VolumeName) => HostCall<boolean>;
  readonly devicePath: (volume: VolumeName) => string;
}

/** Whether the guest's filesystems can be written to, as its agent says; `no-answer` where no agent answers or it can't freeze. */
export type FreezeState = 'thawed' | 'frozen' | 'no-answer';

export interface SnapshotSpec {
  readonly vg: string;
  /** Id of the snapshot; its volumes bear it as a mark. */
  readonly snapshot: string;
  readonly marks: Marks;
  readonly uuid: string;
  readonly hold: Hold;
  /** The snapshot that the disks stand on; kept as a tag. */
  readonly parent: string | null;
  readonly disks: readonly { readonly of: string; readonly volume: string }[];
}

/** Disks other than CD-ROMs, and what is passed through from the host. */
export interface DevicesSeen {
  readonly disks: readonly {
    readonly target: string;
    /** Block device or file; null for what is neither (an iSCSI target, an NVMe disk). */
    readonly source: string | null;
    readonly readonly: boolean;
  }[];
  readonly passedThrough: number;
}

export interface SnapshotVerbs {
  /**
   * Snapshots of all these volumes at one point: held, taken, let go, in one call, so that no cut link lies in between. A watchdog on
   * the host lets go by itself where this call does not come to its end. What an earlier try left is let go and removed first.
   */
  readonly take: (spec: SnapshotSpec) => HostCall<{ readonly frozen: boolean }>;
  /** Lets go of what holds the guest; content when nothing does. The watchdog is ended. */
  readonly release: (spec: Pick<SnapshotSpec, 'uuid' | 'hold' | 'marks'>) => HostCall<void>;
  /** Lets go, and removes the volumes that bear both marks. */
  readonly drop: (spec: Omit<SnapshotSpec, 'disks' | 'parent'>) => HostCall<void>;
  /** Whether the watchdog of an operation's `take` still waits on the host. */
  readonly watched: (op: string) => HostCall<boolean>;
  readonly freezeState: (uuid: string) => HostCall<FreezeState>;
  /** Null where there is no such domain. */
  readonly devices: (uuid: string) => HostCall<DevicesSeen | null>;
}
