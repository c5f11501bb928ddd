import type { Command } from '../domain/command.ts';
import { asBotError, type BotError } from '../domain/error.ts';
import type { HostSettings, NetworkSettings } from '../domain/settings.ts';
import { formatSize } from '../domain/size.ts';
import type { PoolSeen } from '../operations/pool-verbs.ts';
import type { CheckLine, Ran } from '../operations/ports.ts';
import { FIND_CHANGES, READ_RANGES, READ_VOLUME, WRITE_RANGES, WRITE_VOLUME } from './backups/scripts.ts';
import { parseVersion } from './libvirt/parse.ts';
import { SYSTEM_URI } from './libvirt/virsh.ts';
import { readGroups, readVolumes } from './lvm/lvs.ts';
import { takeHeld } from './snapshots/held.ts';
import { diagnose } from './ssh/diagnose.ts';
import { hasKvm } from './system.ts';

/** What the answers of `check` mean, and what to do about each that is wrong. */

const good = (what: string): CheckLine[] => [{ ok: true, what, hint: null }];
const bad = (what: string, hint: string): CheckLine[] => [{ ok: false, what, hint }];

/** A failed command in the words of the well-known diagnoses. */
function failed(what: string, answer: Ran, hint: string): CheckLine[] {
  const known = diagnose(answer);
  return bad(`${what}: ${known.say}`, known.hint ?? hint);
}

/** Beyond this, times in logs and audit can't be compared. */
const SKEW_MS = 5000;

/** The host's clock against ours; what the round trip took is no skew. */
export function clock(
  answer: Ran,
  { before, after }: { readonly before: number; readonly after: number },
): CheckLine[] {
  const theirs = Number(answer.stdout.trim()) * 1000;
  if (answer.exit !== 0 || !(theirs > 0))
    return failed('its clock can’t be read', answer, 'See whether `date` works there.');
  // `date` gives whole seconds.
  const skew = Math.max(0, theirs - after, before - (theirs + 1000));
  if (skew <= SKEW_MS) return good('its clock agrees with ours');
  const way = theirs > after ? 'ahead of' : 'behind';
  return bad(
    `its clock is ${Math.round(skew / 1000)} s ${way} ours`,
    'Let both keep time: `timedatectl set-ntp true`, or chrony; then `timedatectl` shows “synchronized: yes”.',
  );
}

export function groups(answer: Ran, user: string): CheckLine[] {
  const names = answer.stdout.trim().split(/\s+/);
  if (names.includes('libvirt')) return good(`${user} is in group libvirt`);
  return bad(
    `${user} is not in group libvirt`,
    `On the host: \`usermod -aG libvirt ${user}\`; it counts from the next login on.`,
  );
}

const PACKAGES: Readonly<Record<string, string>> = {
  'virt-install': 'package virtinst on Debian and Ubuntu, virt-install on Enterprise Linux',
  'qemu-img': 'package qemu-utils on Debian and Ubuntu, qemu-img on Enterprise Linux',
  'systemd-run': 'package systemd',
  zstd: 'package zstd, which backups need',
  thin_delta:
    'package thin-provisioning-tools on Debian and Ubuntu, device-mapper-persistent-data on Enterprise Linux; without it each backup is a full one',
  python3: 'package python3, which holds backups to their rate',
  ssh: 'package openssh-client on Debian and Ubuntu, openssh-clients on Enterprise Linux; backups on another machine need it',
  age: 'package age on Debian and Ubuntu, and from EPEL on Enterprise Linux; encrypted backups need it',
  ping: 'package iputils-ping on Debian and Ubuntu, iputils on Enterprise Linux, which drills need',
};

export function program(answer: Ran, name: string): CheckLine[] {
  if (answer.exit === 0) return good(`${name} is installed`);
  return bad(`${name} is not installed`, `Install it: ${PACKAGES[name] ?? name}.`);
}

export function libvirt(answer: Ran): CheckLine[] {
  if (answer.exit !== 0)
    return failed('libvirt does not answer', answer, 'Look at `journalctl -u libvirtd` on the host.');
  try {
    const { libvirt: version, qemu } = parseVersion(answer.stdout);
    return good(`libvirt ${version ?? ''} answers, with QEMU ${qemu ?? 'of unknown version'}`);
  } catch (cause) {
    return bad(asBotError(cause).message, 'See what `virsh version` prints there.');
  }
}

export function kvm(answer: Ran): CheckLine[] {
  if (hasKvm(answer.stdout)) return good('KVM is there');
  return bad(
    'the kernel has no kvm, so VMs would be emulated, many times slower',
    'Switch virtualisation on in the firmware (VT-x, AMD-V; nested, if the host is a VM), then `modprobe kvm_intel` or `kvm_amd`.',
  );
}

/** The networks of libvirt that the config names, among the active ones. */
export function networks(answer: Ran, configured: readonly NetworkSettings[]): CheckLine[] {
  const wanted = configured.flatMap(({ name, source }) =>
    'network' in source ? [{ name, network: source.network }] : [],
  );
  if (wanted.length === 0) return [];
  // Why libvirt doesn't answer is told where it was asked for its version.
  if (answer.exit !== 0) return failed('its networks can’t be listed', answer, 'See `virsh net-list --all` there.');
  const active = answer.stdout.split('\n').map((line) => line.trim());
  return wanted.flatMap(({ name, network }) =>
    active.includes(network)
      ? good(`network ${name} is up`)
      : bad(
          `network ${name} (libvirt’s ${network}) is not up`,
          `On the host: \`virsh net-start ${network}\` and \`virsh net-autostart ${network}\`; \`virsh net-list --all\` shows whether it is defined.`,
        ),
  );
}

export function bridge(answer: Ran, name: string, device: string): CheckLine[] {
  if (answer.exit === 0) return good(`network ${name}: bridge ${device} is there`);
  return bad(
    `network ${name}: there is no bridge ${device}`,
    `Make ${device} in the host’s network configuration, or correct \`bridge\` in the config.`,
  );
}

export function group(answer: Ran, { vg }: HostSettings): CheckLine[] {
  if (answer.exit !== 0)
    return failed(`volume group ${vg} can’t be read`, answer, 'See what `vgs` prints on the host.');
  return readable(() => {
    const found = readGroups(answer).find(({ name }) => name === vg);
    if (found === undefined)
      return bad(`there is no volume group ${vg}`, 'Look with `vgs` on the host, and correct `vg` in the config.');
    return good(`volume group ${vg}: ${formatSize(found.sizeBytes)}, ${formatSize(found.freeBytes)} outside the pool`);
  });
}

/** Per cent of data or metadata above which one should act: LVM's own autoextend is off by default. */
const FULL = 85;

export function pool(answer: Ran, { name: host, vg, pool: name }: HostSettings): CheckLine[] {
  // What is wrong with the group, or with sudo, is told there.
  if (answer.exit !== 0)
    return failed(`the volumes of ${vg} can’t be read`, answer, 'See what `lvs` prints on the host.');
  return readable(() => {
    const found = readVolumes(answer).find((volume) => volume.name === name);
    const make = `Make it: \`lvcreate --type thin-pool -l 90%FREE -n ${name} ${vg}\`, or correct \`pool\` in the config.`;
    if (found === undefined) return bad(`there is no thin pool ${vg}/${name}`, make);
    if (found.kind !== 'thin-pool') return bad(`${vg}/${name} is no thin pool`, make);
    const data = found.dataPercent ?? 0;
    const metadata = found.metadataPercent ?? 0;
    const what = `thin pool ${vg}/${name}: ${formatSize(found.sizeBytes)}, ${data} % of it and ${metadata} % of its metadata in use`;
    if (data < FULL && metadata < FULL) return good(what);
    return bad(
      `${what}: nearly full`,
      metadata >= FULL
        ? `Extend the metadata: \`/storage pool extend ${host} --metadata 256MiB\`.`
        : `Extend it: \`/storage pool extend ${host}\`; \`/storage pool show ${host}\` says what else helps.`,
    );
  });
}

/** A pool that does not zero what it gives out shows a new volume what was deleted before, another team's as well. */
export function zeroing({ vg, name }: PoolSeen, zeroes: boolean): CheckLine[] {
  const pool = `thin pool ${vg}/${name}`;
  if (zeroes) return good(`${pool} gives out zeros, and nothing that was deleted`);
  return bad(
    `${pool} gives out what others have left in it`,
    `On the host: \`lvchange -Z y ${vg}/${name}\`. It holds for what is given out from then on.`,
  );
}

/** Whether LVM extends the pool by itself, and could: that takes its settings, dmeventd, and free extents. Off, as it is shipped, is no fault. */
export function autoextend({ vg, name, sizeBytes, monitored, freeBytes, autoextend: set }: PoolSeen): CheckLine[] {
  const pool = `thin pool ${vg}/${name}`;
  if (set === null)
    return bad(
      `whether LVM extends ${pool} by itself can’t be told`,
      'See what `lvmconfig --type full activation` prints.',
    );
  const free = `${formatSize(freeBytes)} are free for it`;
  if (set.threshold >= 100)
    return good(
      `LVM does not extend ${pool} by itself (autoextend is off): \`/storage pool extend\` does, and ${free}`,
    );
  const what = `LVM extends ${pool} by ${set.percent} % from ${set.threshold} % on`;
  if (!monitored)
    return bad(
      `${what}, but dmeventd does not watch it`,
      `On the host: \`systemctl enable --now lvm2-monitor\`, then \`lvchange --monitor y ${vg}/${name}\`.`,
    );
  if (freeBytes < (sizeBytes * set.percent) / 100)
    return bad(
      `${what}, but only ${free}`,
      `Add a disk: \`vgextend ${vg} DEVICE\` on the host. Until then, \`/storage pool show\` says what else helps.`,
    );
  return good(`${what}, dmeventd watches it, and ${free}`);
}

function readable(read: () => CheckLine[]): CheckLine[] {
  try {
    return read();
  } catch (cause) {
    const error = asBotError(cause);
    return bad(error.message, error.hint ?? 'See what the command prints on the host.');
  }
}

export function folder(answer: Ran, path: string, user: string): CheckLine[] {
  if (answer.exit === 0) return good(`${path} is there and writable`);
  return bad(
    `${path} is not there, or ${user} may not write to it`,
    `On the host: \`install -d -o ${user} -g ${user} -m 0711 ${path}\` (QEMU’s user must be able to go through it).`,
  );
}

export function backupTarget(answer: Ran, path: string, user: string): CheckLine[] {
  if (answer.exit === 0) return good(`${path} is there for backups, and writable`);
  return bad(
    `${path} is not there for backups, or ${user} may not write to it`,
    `Mount the share, and make the directory in it once: \`install -d -o ${user} -g ${user} -m 0750 ${path}\`. Files are the user’s alone, so its uid must be the same on all hosts.`,
  );
}

export function linger(answer: Ran, user: string): CheckLine[] {
  if (answer.exit === 0) return good(`long work of ${user} outlives its login`);
  return bad(
    `long work of ${user} would end with its login`,
    `On the host: \`loginctl enable-linger ${user}\`, so that copying an image goes on when the link is cut.`,
  );
}

/** The shell lines that sudoers lets through, by what they do. */
const SCRIPTS: ReadonlyMap<string, string> = new Map([
  [FIND_CHANGES, 'to find what has changed (thin_delta)'],
  [READ_VOLUME, 'to read a volume at a rate'],
  [WRITE_VOLUME, 'to write a volume at a rate'],
  [READ_RANGES, 'to read what has changed'],
  [WRITE_RANGES, 'to write what has changed'],
]);

function scriptName(text: string, vg: string): string | undefined {
  return text === takeHeld(SYSTEM_URI, vg) ? 'to take snapshots of a guest that is held' : SCRIPTS.get(text);
}

/** One root command. `lvcreate` has three forms: a snapshot, a thin volume, a plain one; `lvextend` and `zstd` two. */
export function mayRun(answer: Ran, command: Command, { name, vg }: Pick<HostSettings, 'name' | 'vg'>): CheckLine[] {
  const [program, ...args] = command.argv;
  const forms: Readonly<Record<string, readonly string[]>> = {
    lvcreate: ['-s', '-V', '-L'],
    lvextend: ['-L', '--poolmetadatasize'],
    zstd: ['-c', '-d'],
  };
  const form = program === 'bash' ? scriptName(args[1] ?? '', vg) : args.find((arg) => forms[program]?.includes(arg));
  const tool = form === undefined ? program : `${program} ${form}`;
  if (answer.exit === 0) return good(`sudo allows ${tool}`);
  const known = diagnose(answer);
  const why = answer.exit === 1 && answer.stdout.trim() === '' && answer.stderr.trim() === '' ? '' : ` (${known.say})`;
  return bad(
    `sudo does not allow ${tool}${why}`,
    `Put what \`hostler host sudoers ${name}\` prints into /etc/sudoers.d/hostler there; it holds for this host’s \`limits\` and \`vg\`.`,
  );
}

export function sessions(errors: readonly BotError[], asked: number): CheckLine {
  const first = errors[0];
  if (first === undefined) return { ok: true, what: `sshd gives us ${asked} sessions at once`, hint: null };
  return {
    ok: false,
    what: `sshd gave us ${asked - errors.length} of ${asked} sessions at once: ${first.message}`,
    hint: `Set \`MaxSessions 10\` (sshd’s default) in /etc/ssh/sshd_config there and reload sshd, or \`channels: ${Math.max(1, asked - errors.length)}\` for the host in the config.`,
  };
}
