import { z } from 'zod';
import { RISKS } from '../domain/access.ts';
import { IMAGE_FORMATS } from '../domain/image.ts';
import { FlavorName, HostName, ImageName, NetworkName, TeamName } from '../domain/names.ts';
import { PublicKey } from '../domain/public-key.ts';
import { MiB } from '../domain/size.ts';
import { AlertsFile } from './alerts.ts';
import {
  AbsolutePath,
  Address,
  Channel,
  HostKey,
  Hours,
  Listen,
  LvmName,
  PersonName,
  Port,
  Recipient,
  SecretText,
  Size,
  SlackUser,
  Span,
  Uptime,
  UserName,
  Zone,
} from './values.ts';

/** What `hostler.yaml` may say. Strict: an unknown key is a typo. `hostler.example.yaml` explains each. */

const BackupMachine = z.strictObject({
  host: Address,
  user: UserName,
  directory: AbsolutePath.min(2),
  port: Port.default(22),
});

const Limits = z.strictObject({
  quick: Span.optional(),
  normal: Span.optional(),
  slow: Span.optional(),
  long: Span.optional(),
});

const Overcommit = z.strictObject({
  vcpus: z.number().positive().max(64).optional(),
  memory: z.number().positive().max(16).optional(),
  disk: z.number().positive().max(64).optional(),
});

const Jump = z.strictObject({
  address: Address,
  port: Port.default(22),
  user: UserName,
  host_keys: z.array(HostKey).min(1),
  identity_files: z.array(z.string().min(1)).optional(),
});

/** What each host says for itself, or all of them in `host_defaults`. */
const ofHosts = {
  port: Port.optional(),
  user: UserName.optional(),
  identity_files: z.array(z.string().min(1)).optional(),
  agent: z
    .union([z.boolean(), AbsolutePath], { error: 'expected true, false, or the path of an agent’s socket' })
    .optional(),
  passphrase: SecretText.optional(),
  jump: z.union([HostName, Jump], { error: 'expected the name of a host, or address, user and host_keys' }).optional(),
  channels: z.int().min(1).max(64).optional(),
  vg: LvmName.optional(),
  pool: LvmName.optional(),
  directory: AbsolutePath.optional(),
  limits: Limits.optional(),
  overcommit: Overcommit.optional(),
  reserve_memory: Size.optional(),
};

const Host = z.strictObject({
  name: HostName,
  address: Address,
  host_keys: z.array(HostKey).optional(),
  state: z.enum(['active', 'cordoned']).default('active'),
  ...ofHosts,
});

const Network = z.strictObject({
  name: NetworkName,
  network: z.string().min(1).max(50).optional(),
  bridge: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/, 'expected a bridge such as br0 (at most 15 characters)')
    .optional(),
});

const Factor = z.number().min(1).max(16);
/** What one place leaves out, the next says: flavor, `headroom`, default. */
const Headroom = z.strictObject({ vcpus: Factor.optional(), memory: Factor.optional() });

const ImageSource = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'expected an address such as https://example.com/debian-12.qcow2' })
    .refine((url) => /[^/]$/.test(new URL(url).pathname), 'expected the address of a file, not of a folder'),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'expected 64 hex digits, as sha256sum prints them')
    .optional(),
  sha512: z
    .string()
    .regex(/^[0-9a-fA-F]{128}$/, 'expected 128 hex digits, as sha512sum prints them')
    .optional(),
  sums: z.url({ protocol: /^https?$/, error: 'expected an address such as https://example.com/SHA512SUMS' }).optional(),
  signature: z
    .string()
    .refine(
      (text) => text === 'inline' || (/^https?:\/\//.test(text) && URL.canParse(text)),
      'expected an address such as https://example.com/SHA512SUMS.sign, or inline where the sums are signed themselves',
    )
    .optional(),
  key: z.string().min(1).optional(),
  format: z.enum(IMAGE_FORMATS).default('qcow2'),
  size: Size.optional(),
});

const Image = z.strictObject({
  name: ImageName,
  file: z
    .string()
    .regex(
      /^(?!-)(?!.*(?:^|\/)\.\.(?:\/|$))[A-Za-z0-9_.+/@-]+$/,
      'expected a file in the host’s images/, or an absolute path',
    )
    .optional(),
  source: ImageSource.optional(),
  osinfo: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,60}$/, 'expected a name that `virt-install --osinfo list` shows, such as debian12'),
  login: UserName,
  min_memory: Size.optional(),
});

/** What a team says for itself goes before what `dr` says for all. */
const ofDrills = {
  rpo: Span.optional(),
  rto: Span.optional(),
  monthly: z.boolean().optional(),
  command: z.string().trim().min(1).max(500).optional(),
  marker: AbsolutePath.optional(),
};

const Team = z.strictObject({
  name: TeamName,
  channel: Channel,
  network: NetworkName.optional(),
  timezone: Zone.optional(),
  uptime: Uptime.optional(),
  dr: z.strictObject(ofDrills).default({}),
  quota: z.strictObject({
    vms: z.int().min(0).max(100_000),
    vcpus: z.int().min(0).max(1_000_000),
    memory: Size,
    disk: Size,
  }),
  leads: z.array(PersonName).default([]),
  members: z.array(PersonName).default([]),
  members_from: z
    .union(
      [
        z.enum(['config', 'channel']),
        z.strictObject({
          user_group: z
            .string()
            .regex(/^S[A-Z0-9]{6,}$|^[a-z0-9._-]{1,80}$/, 'expected a user group’s id (S…) or handle'),
        }),
      ],
      {
        error: 'expected config, channel, or user_group: S0123456789',
      },
    )
    .default('config'),
});

const Person = z.strictObject({
  name: PersonName,
  slack: SlackUser.optional(),
  ssh_keys: z.array(PublicKey).default([]),
  platform: z.enum(['admin', 'auditor']).optional(),
});

const Approval = z.strictObject({
  when: z
    .strictObject({
      risk: z.array(z.enum(RISKS)).min(1).optional(),
      kinds: z.array(z.string().min(1)).min(1).optional(),
      teams: z.array(TeamName).min(1).optional(),
      min_vcpus: z.int().min(1).optional(),
      min_memory: Size.optional(),
      min_disk: Size.optional(),
      hours: Hours.optional(),
    })
    .default({}),
  from: z.enum(['lead', 'admin', 'none']),
  count: z.int().min(1).max(5).default(1),
  valid: Span.default(86_400_000),
});

export const ConfigFile = z.strictObject({
  timezone: Zone.default('UTC'),
  state_dir: z.string().min(1).optional(),
  log_level: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  slack: z
    .strictObject({
      bot_token: SecretText.optional(),
      app_token: SecretText.optional(),
      signing_secret: SecretText.optional(),
      api_url: z.url({ protocol: /^https?$/, error: 'expected an address such as https://slack.com/api/' }).optional(),
      prefix: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,14}$/, 'expected a short prefix such as x-')
        .optional(),
    })
    .default({}),
  metrics: z.strictObject({ listen: Listen.optional() }).default({}),
  channels: z.strictObject({ admin: Channel.optional(), audit: Channel.optional() }).default({}),
  host_defaults: z.strictObject(ofHosts).default({}),
  hosts: z.array(Host).default([]),
  networks: z.array(Network).default([]),
  flavors: z
    .array(
      z.strictObject({
        name: FlavorName,
        vcpus: z.int().min(1).max(512),
        memory: Size,
        disk: Size,
        headroom: Headroom.optional(),
      }),
    )
    .default([]),
  images: z.array(Image).default([]),
  people: z.array(Person).default([]),
  teams: z.array(Team).default([]),
  approvals: z.array(Approval).default([]),
  alerts: AlertsFile,
  slo: z.strictObject({ uptime: Uptime.default(99.5) }).default({ uptime: 99.5 }),
  placement: z.strictObject({ weigh: z.enum(['spread', 'pack']).default('spread') }).default({ weigh: 'spread' }),
  headroom: Headroom.default({}),
  min_memory: Size.default(64 * MiB),
  snapshots: z
    .strictObject({
      per_vm: z.int().min(1).max(1000).default(20),
      before_change: Span.default(7 * 86_400_000),
    })
    .default({ per_vm: 20, before_change: 7 * 86_400_000 }),
  backups: z
    .strictObject({
      target: z
        .union([AbsolutePath.min(2), BackupMachine], {
          error: 'expected a directory, or host, user and directory of another machine',
        })
        .optional(),
      rate: Size.pipe(z.number().min(MiB, 'expected 1MiB (a second) or more')).optional(),
      encrypt_to: Recipient.optional(),
      identity: SecretText.optional(),
      full_every: z.int().min(1).max(100).default(7),
    })
    .prefault({}),
  dr: z
    .strictObject({ ...ofDrills, boot: Span.default(600_000), port: Port.default(22) })
    .default({ boot: 600_000, port: 22 }),
  times: z
    .strictObject({
      plan_valid: Span.default(3_600_000),
      trash: Span.default(7 * 86_400_000),
      shutdown: Span.default(120_000),
      address: Span.default(120_000),
      unknown: Span.default(600_000),
    })
    .default({ plan_valid: 3_600_000, trash: 7 * 86_400_000, shutdown: 120_000, address: 120_000, unknown: 600_000 }),
  cli: z
    .strictObject({
      users: z.record(z.string().min(1), PersonName).default({}),
      act_as: z.array(PersonName).default([]),
    })
    .default({ users: {}, act_as: [] }),
});

/** The file, checked key by key; names that refer to each other are not yet followed. */
export type ConfigFile = z.output<typeof ConfigFile>;
export type HostFile = ConfigFile['hosts'][number];
export type ImageSourceFile = z.output<typeof ImageSource>;
