import type { Risk, Role } from './access.ts';
import type { Rule } from './alerts/rule.ts';
import type { TimeLimits } from './command.ts';
import type { Objectives } from './drill.ts';
import type { ImageSource } from './image.ts';

/** What the configuration says, checked and with every default filled in. Sizes are bytes, spans milliseconds. */
export interface Settings {
  /** IANA name; shown times of teams without their own. */
  readonly timezone: string;
  readonly channels: { readonly admin: string | null; readonly audit: string | null };
  readonly hosts: readonly HostSettings[];
  readonly networks: readonly NetworkSettings[];
  readonly flavors: readonly Flavor[];
  readonly images: readonly ImageSettings[];
  readonly teams: readonly Team[];
  readonly people: readonly Person[];
  readonly approvals: readonly ApprovalRule[];
  readonly alerts: AlertSettings;
  /** How much of the time that VMs are to be up they are, in per cent: where their team says nothing of its own. */
  readonly slo: { readonly uptimePercent: number };
  readonly placement: { readonly weigh: 'spread' | 'pack' };
  /** How far VMs can grow while they run, where their flavor says nothing of its own. */
  readonly headroom: Headroom;
  /** No VM gets less memory by a resize, where its image asks for no more. */
  readonly minMemoryBytes: number;
  /** How long a plan waits for its requester's word before it expires. */
  readonly planValidMs: number;
  /** How long deleted VMs can be restored. */
  readonly trashMs: number;
  /** How long a shutdown may take before it counts as refused by the guest. */
  readonly shutdownMs: number;
  /** How long create waits for an address before it says that there is none yet. */
  readonly addressMs: number;
  /** How long an operation looks for a host that went silent before it is stuck. */
  readonly unknownMs: number;
  readonly snapshots: {
    /** How many a VM may have. */
    readonly perVm: number;
    /** How long those are kept that operations take before they change a VM. */
    readonly beforeChangeMs: number;
  };
  readonly backups: BackupSettings;
  readonly dr: DrSettings;
  readonly cli: { readonly users: ReadonlyMap<string, string>; readonly actAs: readonly string[] };
}

/** Where backups go, and how. */
export interface BackupSettings {
  /** The directory that they lie in, every host's or one of another machine (`readPlace`); null where there are none. */
  readonly target: string | null;
  /** So many backups make a chain, a full one and the increments on it; 1: each is a full one. */
  readonly fullEvery: number;
  /** So much of a disk is read or written in a second at most, on each host; null for as fast as it goes. */
  readonly rateBytes: number | null;
  /** The public key of age's that new ones are encrypted to; null for none. */
  readonly encryptTo: string | null;
  /** The public keys whose private ones the bot has: it can read what was encrypted to these. */
  readonly readable: readonly string[];
}

/** Drills of recovery. */
export interface DrSettings {
  /** How long a restored guest may take until it has its address; then half of it until each probe passes. */
  readonly bootMs: number;
  /** The TCP port that a restored guest should answer on. */
  readonly port: number;
}

/** Of what people are told, and who is called when nobody takes it. */
export interface AlertSettings {
  readonly rules: readonly Rule[];
  /** A critical alert that nobody has acknowledged for so long is escalated; null for never. */
  readonly escalateAfterMs: number | null;
  /** Who is called then, besides the admin channel. */
  readonly escalateTo: readonly string[];
  /** An alert of Alertmanager's of which nothing was heard for so long is over. */
  readonly externalStaleMs: number;
  /** Who else is told of our own alerts, by the names in the configuration. */
  readonly webhooks: readonly string[];
}

export interface HostSettings {
  readonly name: string;
  /** Where it is, for people who have an account on it: `hostler@10.0.0.11`, and the ssh port. */
  readonly ssh: { readonly login: string; readonly port: number };
  readonly vg: string;
  readonly pool: string;
  /** `cordoned` takes no new VMs. */
  readonly state: 'active' | 'cordoned';
  readonly limits: TimeLimits;
  /** Promised ÷ physical, at most. */
  readonly overcommit: { readonly vcpus: number; readonly memory: number; readonly disk: number };
  /** Memory kept for the host itself. */
  readonly reserveMemoryBytes: number;
  /** Hostler's own directory on the host, with `seed/` and `images/`. */
  readonly directory: string;
}

export interface NetworkSettings {
  readonly name: string;
  /** A libvirt network, or a bridge of the host. */
  readonly source: { readonly network: string } | { readonly bridge: string };
}

/** The most that a VM can have without a restart, as a multiple of what it has. 1 is none. */
export interface Headroom {
  readonly vcpus: number;
  readonly memory: number;
}

export interface Flavor {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Its own, instead of the general one. */
  readonly headroom?: Headroom;
}

export interface ImageSettings {
  readonly name: string;
  /** File in the host's `images/`, or an absolute path on the host; null where it comes from the net. */
  readonly file: string | null;
  /** Null where the file is brought by hand. */
  readonly source: ImageSource | null;
  /** As `virt-install --osinfo list` names it. */
  readonly osinfo: string;
  /** The user that one logs in as. */
  readonly login: string;
  /** Less memory than this its guest can't do with. */
  readonly minMemoryBytes?: number;
}

export interface Quota {
  readonly vms: number;
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** Where a team's members come from. */
export type MemberSource =
  | { readonly kind: 'config' }
  | { readonly kind: 'user-group'; readonly group: string }
  | { readonly kind: 'channel' };

export interface Team {
  readonly name: string;
  /** Slack channel, by name without `#` or by id. */
  readonly channel: string;
  readonly network: string;
  readonly timezone: string;
  readonly quota: Quota;
  /** Its VMs’ uptime aimed at, in per cent. */
  readonly uptimePercent: number;
  /** What it accepts when a VM is lost, whether a VM of its is drilled each month, and what a restored guest is asked then. */
  readonly dr: Objectives & {
    readonly monthly: boolean;
    /** A line of shell that must end with 0 in the restored guest; null for none. */
    readonly command: string | null;
    /** A file whose checksum is compared with what it was when it was backed up; null for none. */
    readonly marker: string | null;
  };
  readonly leads: readonly string[];
  readonly members: readonly string[];
  readonly memberSource: MemberSource;
}

export interface Person {
  /** Name in this configuration: `01-dev1`. */
  readonly name: string;
  /** Slack user id; null for people who only use the terminal. */
  readonly slack: string | null;
  readonly sshKeys: readonly string[];
  readonly platform: 'admin' | 'auditor' | null;
}

/** Which operations need a second person's yes. The first rule that fits holds. */
export interface ApprovalRule {
  readonly when: {
    readonly risks: readonly Risk[] | null;
    readonly kinds: readonly string[] | null;
    readonly teams: readonly string[] | null;
    /** Only for plans that add at least so much. */
    readonly minVcpus: number | null;
    readonly minMemoryBytes: number | null;
    readonly minDiskBytes: number | null;
    /** Only between these hours of the team's day, `[from, to)`; wraps past midnight. */
    readonly hours: readonly [number, number] | null;
  };
  /** `none` ends the search without asking anybody. */
  readonly from: Extract<Role, 'lead' | 'admin'> | 'none';
  readonly count: number;
  readonly validMs: number;
}
