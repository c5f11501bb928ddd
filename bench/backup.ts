/** Our backup of a VM's disk, whole and proven by checksums, against `dd | zstd | ssh` on the same host. */
import { z } from 'zod';
import { GiB, MiB } from '../src/domain/size.ts';
import type { Core } from '../src/main/core.ts';
import { type BenchContext, median } from './kit.ts';
import { carriedOut, done, dropVm, type LabHost, plan, wholeRounds, withImage, withLabHost } from './lab.ts';

const ROUNDS = 3;
const VM = 'bench';
const ME = '01-dev1';
/** Of the data disk that is written: half of it is random, half compresses well. */
const DATA_MIB = 256;
/** Share of the peer's rate. */
const BOUND = 0.8;
const FLAVOR = { name: 'bench', vcpus: 1, memoryBytes: 192 * MiB, diskBytes: 96 * MiB };
/** On the host, for the peer alone. */
const KEY = '/root/bench-key';

export async function bench(ctx: BenchContext): Promise<void> {
  await withLabHost(
    ctx,
    ({ flavors }) => ({ flavors: [...flavors, FLAVOR], addressMs: 0 }),
    (lab) => withImage(lab, 'tiny', () => rates(ctx, lab)),
  );
}

async function rates(ctx: BenchContext, lab: LabHost): Promise<void> {
  const { core, root } = lab;
  const clear = async (): Promise<void> => {
    await root(`rm -f ${KEY} ${KEY}.pub /srv/backup/peer-*.zst; touch /root/.ssh/authorized_keys; sed -i '/ bench$/d' /root/.ssh/authorized_keys
lvremove -y cloudvg/peer-0 cloudvg/peer-1 || true`);
    if (core.rows.vms.byName('team-01', VM) !== null) await dropVm(core, VM);
  };
  const round = async (number: number): Promise<Pair> => {
    if (core.rows.vms.byName('team-01', VM) === null) await filledVm(lab);
    return pair(lab, number);
  };
  try {
    const told = ({ ours, theirs }: Pair): string => `ours ${seconds(ours)}, by hand ${seconds(theirs)}`;
    const pairs = await wholeRounds(ctx, lab, ROUNDS, { round, clear, told });
    const bytes = disksOf(core).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    tell(ctx, bytes, pairs);
  } finally {
    await clear();
  }
}

/** A VM that is off, with a disk full of data beside its own; and a key for the peer. */
async function filledVm({ core, root }: LabHost): Promise<void> {
  await done(core, 'vm.create', { name: VM, image: 'tiny', flavor: FLAVOR.name }, ME);
  await done(core, 'vm.disk.attach', { vm: VM, size: `${DATA_MIB}MiB` }, ME);
  await done(core, 'vm.stop', { vm: VM }, ME);
  const data = disksOf(core).find(({ target }) => target === 'vdb');
  if (data === undefined) throw new Error('there is no vdb');
  await root(fill(`cloudvg/${data.volume}`));
  await root(`set -e; rm -f ${KEY} ${KEY}.pub; ssh-keygen -q -t ed25519 -N '' -f ${KEY}
mkdir -p -m 700 /root/.ssh; sed 's/$/ bench/' ${KEY}.pub >> /root/.ssh/authorized_keys`);
}

function disksOf(core: Core) {
  return core.rows.vms.byName('team-01', VM)?.disks ?? [];
}

/** Milliseconds. */
interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

async function pair(lab: LabHost, number: number): Promise<Pair> {
  const took: { -readonly [Key in keyof Pair]?: Pair[Key] } = {};
  const volumes = disksOf(lab.core).map(({ volume }) => `cloudvg/${volume}`);
  const contenders = [
    async () => {
      took.ours = await backup(lab);
    },
    async () => {
      took.theirs = Number(await lab.root(byHand(volumes)));
    },
  ];
  for (const offset of [0, 1]) await contenders[(number + offset) % 2]?.();
  if (took.ours === undefined || took.theirs === undefined) throw new Error('two contenders, each once');
  return { ours: took.ours, theirs: took.theirs };
}

function tell(ctx: BenchContext, bytes: number, pairs: readonly Pair[]): void {
  const rate = (who: keyof Pair): number => bytes / MiB / (median(pairs.map((pair) => pair[who])) / 1000);
  const [mine, other] = [rate('ours'), rate('theirs')];
  ctx.row({
    subject: `backup of ${(bytes / GiB).toFixed(2)} GiB, press to end`,
    ours: mine,
    peer: 'lvcreate -s + dd | zstd | ssh',
    theirs: other,
    unit: 'MiB/s',
    rounds: ROUNDS,
    better: 'more',
  });
  ctx.note(
    `${((100 * mine) / other).toFixed(0)} % of the rate by hand (bound ${BOUND * 100} %): ${mine >= other * BOUND ? 'held' : 'NOT HELD'}. Ours has checksums of all files in it, by hand there are none.`,
  );
}

/** Random and repeated bytes in turn, a MiB each, with what the host has at hand. */
function fill(volume: string): string {
  return `set -e; head -c ${MiB} /dev/urandom > /dev/shm/bench-random; yes 'what compresses well' | head -c ${MiB} > /dev/shm/bench-text
for i in $(seq ${DATA_MIB / 2}); do
  openssl enc -aes-128-ctr -nosalt -pass "pass:$i" -pbkdf2 -iter 1 < /dev/shm/bench-random 2>/dev/null || head -c ${MiB} /dev/urandom
  cat /dev/shm/bench-text
done | dd of=/dev/${volume} bs=${MiB} iflag=fullblock oflag=direct status=none
rm -f /dev/shm/bench-random /dev/shm/bench-text`;
}

/** Milliseconds from the press to the end; the backup is gone afterwards. */
async function backup({ core }: LabHost): Promise<number> {
  const planned = await plan(core, 'vm.backup.now', { vm: VM }, ME);
  const { row, ms } = await carriedOut(core, planned, ME);
  const { backupId } = z.object({ backupId: z.string() }).parse(row.facts);
  const made = core.rows.backups.byId(backupId);
  await done(core, 'vm.backup.delete', { backup: `${VM}.${made?.number}` }, ME);
  return ms;
}

/** What an admin would type; prints its own milliseconds, and leaves nothing. The bytes go through ssh to the host's own sshd. */
function byHand(volumes: readonly string[]): string {
  const to = `ssh -i ${KEY} -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@127.0.0.1`;
  const taken = volumes.map((volume, index) => `lvcreate -y -kn -s -n peer-${index} ${volume} >/dev/null`);
  const sent = volumes.map(
    (_volume, index) =>
      `dd if=/dev/cloudvg/peer-${index} bs=1M status=none | zstd -q -T0 -c | ${to} 'cat > /srv/backup/peer-${index}.zst'`,
  );
  const gone = volumes.map((_volume, index) => `cloudvg/peer-${index}`);
  return `set -e -o pipefail; export LC_ALL=C; a=$(date +%s%N)
${[...taken, ...sent].join('\n')}
lvremove -y ${gone.join(' ')} >/dev/null
b=$(date +%s%N); echo $(((b - a) / 1000000)); rm -f /srv/backup/peer-*.zst`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
