import { DEFAULT_RULES } from '../../src/domain/alerts/rule.ts';
import { DEFAULT_LIMITS } from '../../src/domain/command.ts';
import type { ApprovalRule, HostSettings, Settings } from '../../src/domain/settings.ts';
import { GiB, MiB } from '../../src/domain/size.ts';

/** A public key whose private half nobody has. */
export const TEST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHhvc3RsZXItdGVzdC1rZXktbm90LXJlYWwtMDAwMDAw test';

export function hostSettings(name: string, change: Partial<HostSettings> = {}): HostSettings {
  return {
    name,
    ssh: { login: `hostler@${name}`, port: 22 },
    vg: 'cloudvg',
    pool: 'thinpool',
    state: 'active',
    limits: DEFAULT_LIMITS,
    overcommit: { vcpus: 4, memory: 1, disk: 2 },
    reserveMemoryBytes: GiB,
    directory: '/var/lib/hostler',
    ...change,
  };
}

export const ALWAYS: ApprovalRule['when'] = {
  risks: null,
  kinds: null,
  teams: null,
  minVcpus: null,
  minMemoryBytes: null,
  minDiskBytes: null,
  hours: null,
};

/** Two teams with a lead and a member each, an admin and an auditor; flavors and images as in the lab. */
export function testSettings(hosts: readonly string[], change: Partial<Settings> = {}): Settings {
  const team = (name: string, lead: string, members: readonly string[]) => ({
    name,
    channel: name,
    uptimePercent: 99.5,
    dr: { rpoMs: 86_400_000, rtoMs: 1_800_000, monthly: false, command: null, marker: null },
    network: 'default',
    timezone: 'UTC',
    quota: { vms: 10, vcpus: 20, memoryBytes: 20 * GiB, diskBytes: 100 * GiB },
    leads: [lead],
    members,
    memberSource: { kind: 'config' } as const,
  });
  const person = (name: string, platform: 'admin' | 'auditor' | null = null) => ({
    name,
    slack: `U${name.toUpperCase().replaceAll('-', '')}`,
    sshKeys: [TEST_KEY],
    platform,
  });
  return {
    timezone: 'UTC',
    channels: { admin: 'ops', audit: null },
    hosts: hosts.map((name) => hostSettings(name)),
    networks: [{ name: 'default', source: { network: 'default' } }],
    flavors: [
      { name: 'small', vcpus: 1, memoryBytes: 128 * MiB, diskBytes: GiB },
      { name: 'large', vcpus: 4, memoryBytes: 4 * GiB, diskBytes: 10 * GiB },
    ],
    images: [
      { name: 'tiny', file: 'tiny.qcow2', source: null, osinfo: 'linux2022', login: 'root' },
      { name: 'full', file: 'full.qcow2', source: null, osinfo: 'linux2022', login: 'root' },
    ],
    teams: [team('team-01', '01-lead', ['01-dev1', '01-dev2']), team('team-02', '02-lead', ['02-dev1'])],
    people: [
      person('admin', 'admin'),
      person('auditor', 'auditor'),
      person('01-lead'),
      person('01-dev1'),
      person('01-dev2'),
      person('02-lead'),
      person('02-dev1'),
    ],
    approvals: [],
    alerts: {
      rules: DEFAULT_RULES,
      escalateAfterMs: 15 * 60_000,
      escalateTo: [],
      externalStaleMs: 86_400_000,
      webhooks: [],
    },
    slo: { uptimePercent: 99.5 },
    placement: { weigh: 'spread' },
    headroom: { vcpus: 2, memory: 2 },
    minMemoryBytes: 64 * MiB,
    snapshots: { perVm: 20, beforeChangeMs: 7 * 86_400_000 },
    backups: { target: '/srv/backup/hostler', fullEvery: 1, rateBytes: null, encryptTo: null, readable: [] },
    dr: { bootMs: 60_000, port: 22 },
    planValidMs: 15 * 60_000,
    trashMs: 7 * 86_400_000,
    shutdownMs: 60_000,
    addressMs: 60_000,
    unknownMs: 60_000,
    cli: { users: new Map([['root', 'admin']]), actAs: ['admin'] },
    ...change,
  };
}
