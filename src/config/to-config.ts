import { isAbsolute, join, resolve } from 'node:path';
import { DEFAULT_LIMITS, type TimeLimits } from '../domain/command.ts';
import { BotError } from '../domain/error.ts';
import type { Digest, ImageSource } from '../domain/image.ts';
import type { Headroom, HostSettings, Settings } from '../domain/settings.ts';
import { GiB } from '../domain/size.ts';
import { alertSettings } from './alerts.ts';
import { backupSettings } from './backups.ts';
import { readKeyring } from './keyring.ts';
import type { ConfigFile, HostFile, ImageSourceFile } from './schema.ts';
import type { Env } from './secrets.ts';
import type { Config, HostAccess } from './types.ts';
import type { SecretRef } from './values.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Relative ones start at the file’s directory, `~` at home. */
type ToPath = (text: string) => string;

/** The checked file with its defaults filled in, and the environment over it. Relative paths start at the file’s directory. */
export function toConfig(file: ConfigFile, directory: string, env: Env): Config {
  const home = env.HOME ?? directory;
  const path: ToPath = (text) => {
    if (text === '~' || text.startsWith('~/')) return join(home, text.slice(1));
    return isAbsolute(text) ? text : resolve(directory, text);
  };
  const secret = (ref: SecretRef): SecretRef => (ref.kind === 'file' ? { kind: 'file', path: path(ref.path) } : ref);
  const orEnv = (ref: SecretRef | undefined, name: string): SecretRef | null => {
    if (ref !== undefined) return secret(ref);
    return env[name] === undefined || env[name] === '' ? null : { kind: 'env', name };
  };
  return {
    settings: settingsOf(file, path, env),
    hosts: file.hosts.map((host) => accessOf({ ...file.host_defaults, ...host }, file, path, secret)),
    slack: {
      botToken: orEnv(file.slack.bot_token, 'SLACK_BOT_TOKEN'),
      appToken: orEnv(file.slack.app_token, 'SLACK_APP_TOKEN'),
      signingSecret: orEnv(file.slack.signing_secret, 'SLACK_SIGNING_SECRET'),
      apiUrl: nonEmpty(env.SLACK_API_URL) ?? file.slack.api_url ?? null,
      prefix: file.slack.prefix ?? '',
    },
    metrics: { listen: file.metrics.listen ?? null },
    webhooks: {
      alertmanager: file.alerts.alertmanager === undefined ? null : secret(file.alerts.alertmanager.token),
      out: file.alerts.webhooks.map(({ name, url, token }) => ({
        name,
        url,
        token: token === undefined ? null : secret(token),
      })),
    },
    backupIdentity: file.backups.identity ?? null,
    stateDir: path(nonEmpty(env.HOSTLER_STATE_DIR) ?? file.state_dir ?? '.hostler'),
    logLevel: logLevelOf(nonEmpty(env.LOG_LEVEL)) ?? file.log_level ?? 'info',
  };
}

function settingsOf(file: ConfigFile, path: ToPath, env: Env): Settings {
  const { times } = file;
  return {
    timezone: file.timezone,
    channels: { admin: file.channels.admin ?? null, audit: file.channels.audit ?? null },
    hosts: file.hosts.map((host) => hostSettings({ ...file.host_defaults, ...host }, file)),
    networks: file.networks.map(({ name, network, bridge }) => ({
      name,
      source: bridge === undefined ? { network: network ?? 'default' } : { bridge },
    })),
    flavors: file.flavors.map(({ name, vcpus, memory, disk, headroom: own }) => ({
      name,
      vcpus,
      memoryBytes: memory,
      diskBytes: disk,
      ...(own === undefined ? {} : { headroom: headroomOf({ ...file.headroom, ...own }) }),
    })),
    images: file.images.map(({ min_memory, file: own, source, ...image }) => ({
      ...image,
      file: own ?? null,
      source: source === undefined ? null : sourceOf(source, path),
      ...(min_memory === undefined ? {} : { minMemoryBytes: min_memory }),
    })),
    teams: file.teams.map((team) => ({
      name: team.name,
      channel: team.channel,
      network: team.network ?? file.networks[0]?.name ?? '',
      timezone: team.timezone ?? file.timezone,
      uptimePercent: team.uptime ?? file.slo.uptime,
      dr: {
        rpoMs: team.dr.rpo ?? file.dr.rpo ?? 86_400_000,
        rtoMs: team.dr.rto ?? file.dr.rto ?? 1_800_000,
        monthly: team.dr.monthly ?? file.dr.monthly ?? false,
        command: team.dr.command ?? file.dr.command ?? null,
        marker: team.dr.marker ?? file.dr.marker ?? null,
      },
      quota: {
        vms: team.quota.vms,
        vcpus: team.quota.vcpus,
        memoryBytes: team.quota.memory,
        diskBytes: team.quota.disk,
      },
      leads: team.leads,
      members: team.members,
      memberSource:
        typeof team.members_from === 'string'
          ? { kind: team.members_from }
          : { kind: 'user-group', group: team.members_from.user_group },
    })),
    people: file.people.map((person) => ({
      name: person.name,
      slack: person.slack ?? null,
      sshKeys: person.ssh_keys,
      platform: person.platform ?? null,
    })),
    approvals: file.approvals.map(({ when, from, count, valid }) => ({
      when: {
        risks: when.risk ?? null,
        kinds: when.kinds ?? null,
        teams: when.teams ?? null,
        minVcpus: when.min_vcpus ?? null,
        minMemoryBytes: when.min_memory ?? null,
        minDiskBytes: when.min_disk ?? null,
        hours: when.hours ?? null,
      },
      from,
      count,
      validMs: valid,
    })),
    alerts: alertSettings(file.alerts),
    slo: { uptimePercent: file.slo.uptime },
    placement: file.placement,
    headroom: headroomOf(file.headroom),
    minMemoryBytes: file.min_memory,
    snapshots: { perVm: file.snapshots.per_vm, beforeChangeMs: file.snapshots.before_change },
    backups: backupSettings(file.backups, env),
    dr: { bootMs: file.dr.boot, port: file.dr.port },
    planValidMs: times.plan_valid,
    trashMs: times.trash,
    shutdownMs: times.shutdown,
    addressMs: times.address,
    unknownMs: times.unknown,
    cli: { users: new Map(Object.entries(file.cli.users)), actAs: file.cli.act_as },
  };
}

function sourceOf(
  { url, sha256, sha512, sums, signature, key, format, size }: ImageSourceFile,
  path: ToPath,
): ImageSource {
  const pinned: Digest | null =
    sha512 !== undefined
      ? { algorithm: 'sha512', hex: sha512.toLowerCase() }
      : sha256 !== undefined
        ? { algorithm: 'sha256', hex: sha256.toLowerCase() }
        : null;
  const keyFile = path(key ?? '');
  const signed =
    signature === undefined
      ? null
      : { url: signature === 'inline' ? null : signature, keyring: readKeyring(keyFile), keyFile };
  return { url, check: pinned ?? { sums: sums ?? '', signature: signed }, format, sizeBytes: size ?? null };
}

function headroomOf({ vcpus = 2, memory = 2 }: ConfigFile['headroom']): Headroom {
  return { vcpus, memory };
}

function hostSettings(host: HostFile, file: ConfigFile): HostSettings {
  const ratio = { ...file.host_defaults.overcommit, ...host.overcommit };
  return {
    name: host.name,
    ssh: { login: `${host.user ?? ''}@${host.address}`, port: host.port ?? 22 },
    vg: host.vg ?? 'cloudvg',
    pool: host.pool ?? 'thinpool',
    state: host.state,
    limits: limitsOf(host, file),
    overcommit: { vcpus: ratio.vcpus ?? 4, memory: ratio.memory ?? 1, disk: ratio.disk ?? 2 },
    reserveMemoryBytes: host.reserve_memory ?? 2 * GiB,
    directory: host.directory ?? '/var/lib/hostler',
  };
}

/** Seconds: `timeout` takes no less. */
function limitsOf(host: HostFile, file: ConfigFile): TimeLimits {
  const given = { ...file.host_defaults.limits, ...host.limits };
  const seconds = (span: number | undefined, byDefault: number): number =>
    span === undefined ? byDefault : Math.max(1, Math.round(span / 1000));
  return {
    quick: seconds(given.quick, DEFAULT_LIMITS.quick),
    normal: seconds(given.normal, DEFAULT_LIMITS.normal),
    slow: seconds(given.slow, DEFAULT_LIMITS.slow),
    long: seconds(given.long, DEFAULT_LIMITS.long),
  };
}

function accessOf(
  host: HostFile,
  file: ConfigFile,
  path: (text: string) => string,
  secret: (ref: SecretRef) => SecretRef,
): HostAccess {
  // The jump host takes the default too, and goes straight.
  const jump = host.jump === host.name ? undefined : host.jump;
  return {
    name: host.name,
    address: host.address,
    port: host.port ?? 22,
    user: host.user ?? '',
    hostKeys: host.host_keys ?? [],
    ...(host.identity_files === undefined ? {} : { identityFiles: host.identity_files.map(path) }),
    // Without key files there is nothing but the agent.
    agent: host.agent ?? host.identity_files === undefined,
    limits: limitsOf(host, file),
    ...(host.channels === undefined ? {} : { channels: host.channels }),
    ...(host.passphrase === undefined ? {} : { passphraseRef: secret(host.passphrase) }),
    ...(jump === undefined
      ? {}
      : {
          jump:
            typeof jump === 'string'
              ? jump
              : {
                  address: jump.address,
                  port: jump.port,
                  user: jump.user,
                  hostKeys: jump.host_keys,
                  ...(jump.identity_files === undefined ? {} : { identityFiles: jump.identity_files.map(path) }),
                },
        }),
  };
}

function logLevelOf(text: string | undefined): Config['logLevel'] | undefined {
  if (text === undefined) return undefined;
  const level = LEVELS.find((each) => each === text.toLowerCase());
  if (level !== undefined) return level;
  throw new BotError('invalid_config', `LOG_LEVEL is ${JSON.stringify(text)}`, {
    hint: `Set it to one of ${LEVELS.join(', ')}.`,
  });
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
