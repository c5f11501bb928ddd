import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configChanges } from '../../src/config/changes.ts';
import { type Config, connectionsOf, loadConfig, readConfig } from '../../src/config.ts';
import { BotError } from '../../src/domain/error.ts';

const KEY = 'SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM';
const SOUND = `hosts:
  - { name: kvm-1, address: 10.0.0.1, user: hostler, host_keys: ["${KEY}"] }
networks:
  - { name: lan, bridge: br0 }
people:
  - { name: anna, slack: U0123, platform: admin }
  - { name: ben }
teams:
  - { name: web, channel: team-web, quota: { vms: 2, vcpus: 4, memory: 4GiB, disk: 40GiB }, leads: [anna], members: [ben] }
`;

function read(text: string, env: Record<string, string> = {}): Config {
  const result = readConfig(text, '/etc/hostler', env);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.config;
}

/** The faults as `line path: message`. */
function faults(text: string, kinds: readonly string[] | null = null): string[] {
  const result = readConfig(text, '/etc/hostler', {}, kinds);
  return result.ok ? [] : result.faults.map((fault) => `${fault.line} ${fault.path}: ${fault.message}`);
}

describe('a sound configuration', () => {
  it('becomes settings, with defaults, bytes and milliseconds', () => {
    const { settings, stateDir, hosts } = read(SOUND);
    expect(settings.teams[0]).toMatchObject({ network: 'lan', timezone: 'UTC', quota: { memoryBytes: 4 * 1024 ** 3 } });
    expect(settings.hosts[0]).toMatchObject({
      vg: 'cloudvg',
      pool: 'thinpool',
      limits: { quick: 30, long: 7200 },
      state: 'active',
    });
    expect(settings.trashMs).toBe(7 * 24 * 3_600_000);
    expect(stateDir).toBe('/etc/hostler/.hostler');
    expect(hosts[0]).toMatchObject({ port: 22, agent: true, hostKeys: [KEY] });
  });

  it('lets the environment win for the state directory, the level and Slack', () => {
    const env = {
      HOSTLER_STATE_DIR: 'state',
      LOG_LEVEL: 'debug',
      SLACK_API_URL: 'http://127.0.0.1:1/api/',
      SLACK_BOT_TOKEN: 'xoxb-1',
    };
    expect(read(`${SOUND}state_dir: /x\nlog_level: warn\n`, env)).toMatchObject({
      stateDir: '/etc/hostler/state',
      logLevel: 'debug',
      slack: { apiUrl: 'http://127.0.0.1:1/api/', botToken: { kind: 'env', name: 'SLACK_BOT_TOKEN' }, appToken: null },
    });
  });

  it('gives hosts the defaults that they don’t overrule', () => {
    const text = SOUND.replace(
      'hosts:',
      'host_defaults: { port: 2222, limits: { quick: 60s }, overcommit: { vcpus: 8 }, identity_files: [~/.ssh/k, keys/k] }\nhosts:',
    ).replace('user: hostler,', 'user: hostler, limits: { long: 3h },');
    const { settings, hosts } = read(text, { HOME: '/home/bot' });
    expect(settings.hosts[0]).toMatchObject({
      limits: { quick: 60, normal: 120, long: 10800 },
      overcommit: { vcpus: 8, memory: 1 },
    });
    expect(hosts[0]).toMatchObject({
      port: 2222,
      identityFiles: ['/home/bot/.ssh/k', '/etc/hostler/keys/k'],
      agent: false,
    });
  });

  it('looks passphrases up only when the connections are made', () => {
    const text = SOUND.replace('user: hostler,', 'user: hostler, passphrase: env:PASS,');
    expect(JSON.stringify(read(text, { PASS: 'open sesame' }))).not.toContain('sesame');
    expect(connectionsOf(read(text), { PASS: 'open sesame' })[0]).toMatchObject({ passphrase: 'open sesame' });
    expect(() => connectionsOf(read(text), {})).toThrow('env:PASS is not set');
  });

  it('takes a section that is commented out whole', () => {
    expect(read(`${SOUND}slack:\n  # bot_token: env:X\nmetrics:\n  listen:\n`).metrics.listen).toBeNull();
  });
});

describe('each fault says line, path, what was wrong and what to write', () => {
  it.each([
    ['flavours: []\n', '10 flavours: unknown key "flavours". Did you mean flavors?'],
    ['times:\n  plan-valid: 1h\n', '11 times.plan-valid: unknown key "plan-valid". Did you mean plan_valid?'],
    ['times:\n  trash: 7\n', '11 times.trash: 7: expected a length of time with its unit, such as 30s, 15m, 24h or 7d'],
    [
      'times:\n  trash: 7 days\n',
      '11 times.trash: "7 days": expected: give a number with a unit, such as 30s, 15m, 24h, 7d or 2w',
    ],
    [
      'flavors:\n  - { name: s, vcpus: 1, memory: 512, disk: 1GiB }\n',
      '11 flavors[0].memory: 512: expected a size in quotes or with its unit, such as 512MiB or 10GiB',
    ],
    [
      'flavors:\n  - { name: s, vcpus: 1, memory: 1GB, disk: 1GiB }\n',
      '11 flavors[0].memory: "1GB": expected: give a number with a binary unit, such as 512MiB or 10GiB',
    ],
    [
      'flavors:\n  - { name: s, memory: 1GiB, disk: 1GiB }\n',
      '11 flavors[0].vcpus: "vcpus" is missing; expected a number',
    ],
    [
      'flavors:\n  - { name: Small, vcpus: 1, memory: 1GiB, disk: 1GiB }\n',
      '11 flavors[0].name: "Small": The flavor name "Small" holds the capital "S". Give it in small letters: small.',
    ],
    [
      'placement: { weigh: spraed }\n',
      '10 placement.weigh: "spraed": expected one of spread, pack; did you mean spread?',
    ],
    [
      'timezone: Europe/Berlinn\n',
      '10 timezone: "Europe/Berlinn": no such time zone; expected an IANA name such as Europe/Berlin or UTC',
    ],
    [
      'slack: { bot_token: xoxb-123-secret }\n',
      '10 slack.bot_token: secrets don’t stand in the config; write env:NAME or file:path',
    ],
    [
      'metrics: { listen: 9464 }\n',
      '10 metrics.listen: 9464: expected address:port in quotes, such as "127.0.0.1:9464"',
    ],
    ['cli: { users: { root: nobody } }\n', '10 cli.users.root: no person "nobody"; there are: anna, ben'],
    ['cli: { act_as: [ana] }\n', '10 cli.act_as[0]: no person "ana"; did you mean anna?'],
    [
      'approvals:\n  - { from: lead, when: { teams: [wbe] } }\n',
      '11 approvals[0].when.teams[0]: no team "wbe"; did you mean web?',
    ],
    [
      'approvals:\n  - { from: lead, when: { hours: 18-25 } }\n',
      '11 approvals[0].when.hours: "18-25": expected hours of the day such as "18-8" (from six in the evening until eight)',
    ],
    [
      'channels: { admin: "#Ops Team" }\n',
      '10 channels.admin: "#Ops Team": expected a channel such as team-web, or an id such as C0123456789',
    ],
    ['hosts: []\n', '10 : this is not YAML: map keys must be unique'],
  ])('%s', (added, fault) => {
    expect(faults(SOUND + added)).toEqual([fault]);
  });

  it.each([
    ['web, channel', 'web, network: lna, channel', '9 teams[0].network: no network "lna"; did you mean lan?'],
    ['leads: [anna]', 'leads: [ana]', '9 teams[0].leads[0]: no person "ana"; did you mean anna?'],
    [
      'members: [ben]',
      'member: [ben]',
      '9 teams[0].member: unknown key "member". Did you mean members or members_from?',
    ],
    ['{ name: ben }', '{ name: ben }\n  - { name: ben }', '8 people[2].name: "ben" is the name of two of the people'],
    ['{ name: ben }', '{ name: ben, slack: U0123 }', '7 people[1].slack: "U0123" belongs to two people'],
    ['{ name: ben }', '{ name: ben, ssh_keys: ["-----BEGIN OPENSSH PRIVATE KEY-----"] }', undefined],
    [
      'bridge: br0',
      'bridge: br0, network: default',
      '4 networks[0]: lan needs one of network: (libvirt’s) and bridge: (the host’s)',
    ],
    [
      'user: hostler',
      'jump: kvm-1, user: hostler',
      '2 hosts[0].jump: the way to kvm-1 goes round in a circle: kvm-1 → kvm-1',
    ],
    ['user: hostler', 'jump: kvm-9, user: hostler', '2 hosts[0].jump: no host "kvm-9"; did you mean kvm-1?'],
    [
      'user: hostler',
      'jump: { address: b, user: u }, user: hostler',
      '2 hosts[0].jump.host_keys: "host_keys" is missing; expected a list: a line for each, beginning with "- "',
    ],
    ['user: hostler, ', '', '2 hosts[0]: kvm-1 needs a user: here or in host_defaults'],
    [
      KEY,
      'SHA256:short',
      '2 hosts[0].host_keys[0]: "SHA256:short": expected a host key such as "ssh-ed25519 AAAAC3…" or "SHA256:…"',
    ],
    ['vms: 2', 'vms: two', '9 teams[0].quota.vms: "two": expected a number'],
    ['10.0.0.1', 'root@10.0.0.1', '2 hosts[0].address: "root@10.0.0.1": expected a host name or an IP address'],
  ])('%s → %s', (from, to, fault) => {
    expect(SOUND).toContain(from);
    const found = faults(SOUND.replace(from, to));
    expect(found).toHaveLength(1);
    if (fault === undefined) expect(found[0]).toMatch(/^7 people\[1\]\.ssh_keys\[0\]: This is a private key/);
    else expect(found).toEqual([fault]);
  });

  it('tells how to get the keys of a host that has none', () => {
    expect(faults(SOUND.replace(`, host_keys: ["${KEY}"]`, ', port: 2222'))[0]).toMatch(
      /^2 hosts\[0\]: kvm-1 needs host_keys.*`ssh-keyscan -t ed25519 -p 2222 10\.0\.0\.1`.*console/,
    );
  });

  it('finds a circle of jump hosts', () => {
    const host = (name: string, jump: string) =>
      `  - { name: ${name}, address: h, user: u, jump: ${jump}, host_keys: ["${KEY}"] }\n`;
    expect(faults(`hosts:\n${host('a', 'b')}${host('b', 'c')}${host('c', 'b')}`)[0]).toBe(
      '2 hosts[0].jump: the way to a goes round in a circle: a → b → c → b',
    );
  });

  it('knows the operations that rules may name', () => {
    const text = `${SOUND}approvals:\n  - { from: lead, when: { kinds: [vm.crate] } }\n`;
    expect(faults(text, ['vm.create'])).toEqual([
      '11 approvals[0].when.kinds[0]: no operation "vm.crate"; did you mean vm.create?',
    ]);
    expect(faults(text)).toEqual([]);
  });
});

describe('loadConfig', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'hostler-config-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('names the file in each line, and counts what is too much', () => {
    const path = join(dir, 'hostler.yaml');
    writeFileSync(path, Array.from({ length: 20 }, (_, i) => `x${i}: 1`).join('\n'));
    let error: unknown;
    try {
      loadConfig(path, {});
    } catch (cause) {
      error = cause;
    }
    if (!(error instanceof BotError)) throw new Error('taken');
    expect(error.code).toBe('invalid_config');
    expect(error.message.split('\n')).toHaveLength(13);
    expect(error.message).toMatch(new RegExp(`^${path}:1:1: x0: unknown key "x0"`));
    expect(error.message).toMatch(/and 8 more$/);
  });

  it('says what to do when there is no file', () => {
    expect(() => loadConfig(join(dir, 'none.yaml'), {})).toThrow(/is not there/);
  });
});

describe('configChanges', () => {
  const old = read(SOUND);
  const without = read(SOUND.replace(/teams:[\s\S]*/, ''));

  it('refuses to drop a team that owns VMs, and only then', () => {
    expect(configChanges(old, without, ['web']).refused).toHaveLength(1);
    expect(configChanges(old, without, []).refused).toEqual([]);
    expect(configChanges(old, without, []).changes).toEqual(['team web is gone']);
  });

  it('refuses to drop a host that carries VMs', () => {
    const bare = read(SOUND.replace(/hosts:\n.*\n/, ''));
    expect(configChanges(old, bare, [], ['kvm-1']).refused[0]).toContain('Host kvm-1 still carries VMs');
  });

  it('tells what is different, also how a host is reached, and what needs a restart', () => {
    const fresh = read(`${SOUND.replace('10.0.0.1', '10.0.0.2').replace('vms: 2', 'vms: 3')}state_dir: /elsewhere\n`);
    expect(configChanges(old, fresh, ['web'])).toEqual({
      refused: [],
      changes: ['host kvm-1 has changed', 'team web has changed'],
      afterRestart: ['state_dir has changed'],
    });
    expect(configChanges(old, read(SOUND), [])).toEqual({ refused: [], changes: [], afterRestart: [] });
  });
});

describe('images', () => {
  const image = (text: string) => `${SOUND}images:\n  - { name: deb, osinfo: debian12, login: debian, ${text} }\n`;
  const url = 'https://v.example/a/deb.qcow2';

  it('come from a file or from the net', () => {
    expect(read(image('file: deb.qcow2')).settings.images[0]).toMatchObject({ file: 'deb.qcow2', source: null });
    const sums = 'https://v.example/a/SHA512SUMS';
    expect(read(image(`source: { url: "${url}", sums: "${sums}", size: 2GiB }`)).settings.images[0]).toMatchObject({
      file: null,
      source: { url, check: { sums }, format: 'qcow2', sizeBytes: 2 * 1024 ** 3 },
    });
    const pinned = `source: { url: "http://v.example/deb.raw", sha256: ${'AB'.repeat(32)}, format: raw }`;
    expect(read(image(pinned)).settings.images[0]?.source).toEqual({
      url: 'http://v.example/deb.raw',
      check: { algorithm: 'sha256', hex: 'ab'.repeat(32) },
      format: 'raw',
      sizeBytes: null,
    });
  });

  it('need one of both, and one way to know what came', () => {
    const sums = 'sums: "https://v.example/S"';
    const pinned = `sha256: ${'ab'.repeat(32)}`;
    expect(faults(image('min_memory: 64MiB'))).toEqual([expect.stringContaining('deb needs one of file:')]);
    expect(faults(image(`file: x.qcow2, source: { url: "${url}", ${sums} }`))).toHaveLength(1);
    expect(faults(image(`source: { url: "${url}" }`))).toEqual([
      expect.stringContaining('one of sha256:, sha512: and sums:'),
    ]);
    expect(faults(image(`source: { url: "${url}", ${sums}, ${pinned} }`))).toHaveLength(1);
    expect(faults(image(`source: { url: "http://v.example/d", ${sums} }`))).toEqual([
      expect.stringContaining('an address with https:, or signature:, or sha512:'),
    ]);
    expect(faults(image('source: { url: "ftp://v.example/d", sha256: x }')).join()).toMatch(
      /expected an address such as/,
    );
    expect(faults(image(`source: { url: "https://v.example/a/", ${sums} }`)).join()).toContain('not of a folder');
  });

  it('may want their checksums signed, and come any way then', () => {
    const key = join(process.cwd(), 'test/fixtures/signed/vendor.gpg');
    const signed = (by: string) =>
      `source: { url: "http://v.example/d.qcow2", sums: "http://v.example/S", signature: ${by} }`;
    const withKey = (by: string) => signed(`${by}, key: "${key}"`);
    const keyring = readFileSync(key).toString('base64');
    expect(read(image(withKey('"http://v.example/S.sign"'))).settings.images[0]?.source?.check).toEqual({
      sums: 'http://v.example/S',
      signature: { url: 'http://v.example/S.sign', keyring, keyFile: key },
    });
    expect(read(image(withKey('inline'))).settings.images[0]?.source?.check).toMatchObject({
      signature: { url: null },
    });
    expect(faults(image(signed('inline')))).toEqual([expect.stringContaining('deb needs signature: and key:')]);
    expect(faults(image(withKey('ftp://v.example/S')))).toEqual([
      expect.stringContaining('expected an address such as'),
    ]);
    const unsummed = `source: { url: "${url}", sha256: ${'ab'.repeat(32)}, signature: inline, key: "${key}" }`;
    expect(faults(image(unsummed))).toEqual([expect.stringContaining('deb needs sums:, which the signature is of')]);
    expect(() => read(image(signed('inline, key: "/no/such/key"')))).toThrow(
      /a vendor’s key can’t be read: \/no\/such\/key/,
    );
  });
});
