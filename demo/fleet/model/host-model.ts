/**
 * The state of one simulated host: plain data that survives JSON. Tools change it in place; nothing else does.
 * Sizes are bytes unless a name says otherwise; instants are epoch milliseconds of the host's clock.
 */
import type { DomainState } from '../../../src/domain/inventory.ts';
import type { GuestMeters, HostMeters } from './meters.ts';
import type { Watched } from './watched.ts';

/** What of a domain's XML the model itself works with; derived from the XML at define. */
export interface DomainFacts {
  readonly vcpus: number;
  readonly maxVcpus: number;
  readonly memoryKiB: number;
  readonly currentKiB: number;
  readonly title: string;
  readonly disks: readonly Disk[];
  readonly nics: readonly Nic[];
  readonly vnc: boolean;
  readonly agentChannel: boolean;
  readonly nvram: string | null;
  readonly tpm: boolean;
}

interface Disk {
  readonly target: string;
  readonly source: string | null;
  readonly type: 'block' | 'file';
  readonly device: string;
  readonly readonly: boolean;
}

export interface Nic {
  readonly mac: string;
  readonly type: string;
  /** Network or bridge. */
  readonly source: string;
  readonly model: string;
}

/** How the guest behaves, once booted. */
export interface Guest {
  /** From start until the DHCP lease is there; null: never asks for one. */
  leaseMs: number | null;
  /** From start until the guest agent answers; null: has none. */
  agentMs: number | null;
  /** From `virsh shutdown` until it is off. */
  shutdownMs: number;
  ignoresShutdown: boolean;
  /** From its boot, or from a change, until it has taken what its balloon says; 5 where left out, never for null: it has no driver. */
  balloonMs?: number | null;
  /** From being asked until it has let go of a disk; 5 where left out, never for null. */
  unplugMs?: number | null;
  /** Its agent may run no commands, as Enterprise Linux has it. */
  execBlocked?: boolean;
  /** Commands that it has, and what they come to; `true` where left out. */
  readonly commands?: Readonly<Record<string, { readonly exit: number; readonly out: string }>>;
  /** Files that it has, whose content is its first disk's; `/etc/os-release` where left out. */
  readonly files?: readonly string[];
  /** What it does not let go of when it is cleaned, by kind: where that lies. */
  readonly keeps?: Readonly<Record<string, string>>;
  /** TCP ports that it takes connections to, once it has an address; 22 where left out. */
  ports?: readonly number[];
  /** Share of its filesystems that is used, from 0 to 1; a bit more than a third where left out. */
  diskUsed?: number;
  /** Its agent is connected, and hangs. */
  agentHangs?: boolean;
}

/** A domain that runs, or is paused: what ends with it. */
export interface LiveDomain {
  readonly id: number;
  readonly startedAt: number;
  /** As `/proc/sys/kernel/random/boot_id` in the guest: new at each boot. */
  bootId: string;
  bootedAt: number;
  /** The definition that it was started with. */
  readonly xml: string;
  readonly facts: DomainFacts;
  readonly vncPort: number | null;
  /** `vnet0` and so on, one for each interface. */
  readonly taps: readonly string[];
  readonly portIds: readonly string[];
  /** Its filesystems are frozen, and its agent does nothing else. */
  frozen: boolean;
  /** How large QEMU takes each disk to be, by target: a volume that grows meanwhile must be told. */
  readonly diskBytes: Record<string, number>;
  /** How large the guest's filesystem on a disk is, by target; it grows `vda` itself when it boots. */
  readonly filesystems?: Record<string, number>;
  /** Disks that it was asked to let go of, by target: since when. */
  readonly unplugging?: Record<string, number>;
  /** Disks that are mirrored, by target: into which block device, and from when on both hold the same. */
  readonly mirrors?: Readonly<Record<string, { readonly to: string; readonly readyAt: number }>>;
  /** What became of the scripts that its agent was asked to run, in their order. */
  execs?: { readonly exit: number; readonly out: string }[];
  /** When a shutdown that was asked for will be done. */
  offAt: number | null;
  /** How many vCPUs it was started with: these can't be pulled out. */
  readonly bootVcpus?: number;
  /** What the guest had before its balloon was last told something, and when that was. */
  readonly balloon?: { readonly beforeKiB: number; readonly at: number };
  /** Set by whatever gives the fleet its life. */
  meters?: GuestMeters;
}

export interface Domain {
  readonly uuid: string;
  name: string;
  /** False once undefined while it runs: it vanishes when it ends. */
  persistent: boolean;
  autostart: boolean;
  state: DomainState;
  reason: string;
  /** Normalised definition, as `dumpxml --inactive`. */
  xml: string;
  facts: DomainFacts;
  live: LiveDomain | null;
  managedSave: boolean;
  snapshots: string[];
  guest: Guest;
}

export interface Group {
  readonly name: string;
  readonly uuid: string;
  readonly device: string;
  readonly extentBytes: number;
  readonly extents: number;
}

export interface Volume {
  readonly vg: string;
  name: string;
  readonly uuid: string;
  readonly kind: 'thin' | 'thick' | 'thick-snapshot' | 'thin-pool';
  sizeBytes: number;
  readonly pool: string | null;
  /** The UUID of the volume it is a snapshot of, so that it follows renames. */
  origin: string | null;
  tags: string[];
  active: boolean;
  skipActivation: boolean;
  readonly createdAt: number;
  /** What the volume maps; for a pool, what stands in it apart from its volumes (to fill it in tests). */
  mappedBytes: number;
  /** What only this volume holds of it, for the pool's sum. */
  ownBytes: number;
  metadataPercent: number;
  /** Of a pool that was extended: its metadata, and the spare that it was made with; else about a thousandth of its data. */
  metadataBytes?: number;
  spareBytes?: number;
  /** Of a pool: somebody holds a snapshot of its metadata. */
  metadataHeld?: boolean;
  /** Of a pool that dmeventd does not watch. */
  unmonitored?: true;
  /** What a guest has deleted and not trimmed: it holds the pool's blocks all the same. */
  trimmableBytes?: number;
  /** Stands for the bytes: a copy has the same. */
  content: string;
  readonly whenFull: 'queue' | 'error';
  /** Bytes that guests read and wrote which have ended since. */
  carried?: { readonly read: number; readonly written: number };
}

export interface Network {
  readonly name: string;
  readonly uuid: string;
  active: boolean;
  autostart: boolean;
  readonly bridge: string;
  /** First three bytes of its /24, `192.168.122`. */
  readonly prefix: string;
  /** It has no definition, and is gone when it ends. */
  readonly transient?: true;
  /** Nothing is forwarded from it. */
  readonly isolated?: true;
  /** Guests that always get the same address, by MAC address. */
  readonly guests?: Readonly<Record<string, string>>;
}

export interface FileNode {
  readonly kind: 'file' | 'dir';
  readonly owner: string;
  readonly mode: string;
  readonly changedAt: number;
  sizeBytes: number;
  /** Base64; null for what is too large to hold, then `content` stands for it. */
  base64: string | null;
  content: string;
  readonly image: { readonly format: string; readonly virtualBytes: number } | null;
  /** What a compressed one takes when it is unpacked. */
  readonly unpackedBytes?: number;
}

/** A machine of files and room, as hosts reach it over SSH. */
export interface RemoteModel {
  readonly files: Record<string, FileNode>;
  diskBytes: number;
  /** What ssh says where it can't be reached. */
  trouble?: string;
}

/** A transient unit of the user's systemd. Its command acts when it ends. */
export interface Unit {
  readonly name: string;
  readonly argv: readonly string[];
  readonly startedAt: number;
  readonly endsAt: number;
  readonly remainAfterExit: boolean;
  readonly collect: boolean;
  /** Files that are its stdin and its stdout. */
  readonly input?: string;
  readonly output?: string;
  /** Its stderr goes there too, as it does where nothing else is said. */
  readonly errorsToo?: true;
  state: 'active' | 'exited' | 'failed' | 'gone';
  exit: number | null;
  result: string;
}

export interface HostModel {
  readonly format: 2;
  readonly name: string;
  readonly kernel: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  diskBytes: number;
  bootedAt: number;
  load: number;
  kvm: boolean;
  /** The bot's user there: no root, in group libvirt. */
  readonly user: string;
  /** `rules`: the sudoers file is in place. `refused`: it is not. */
  sudo: 'rules' | 'refused';
  libvirt: { running: boolean; nextId: number; nextTap: number };
  /** Counts what was minted: ids come from it, so a run repeats exactly. */
  serial: number;
  domains: Domain[];
  groups: Group[];
  volumes: Volume[];
  networks: Network[];
  bridges: string[];
  files: Record<string, FileNode>;
  /** What can be downloaded, by address. */
  web?: Record<string, FileNode>;
  /** The machine that backups go to over SSH, once it was asked for. */
  remote?: RemoteModel;
  units: Unit[];
  /** How long a unit waits for the key that it reads with, in milliseconds. */
  keyWaitMs: number;
  /** How guests behave that are defined from now on. */
  guestDefaults: Guest;
  /** How long a unit (an image's pour) takes. */
  unitMs: number;
  meters?: HostMeters;
  /** How far its life has come. */
  livedUntil?: number;
  watched?: Watched;
  /** Programs that are not installed there. */
  lacks?: string[];
  /** LVM's settings, where they aren't the shipped ones. */
  autoextend?: { readonly threshold: number; readonly percent: number };
}
