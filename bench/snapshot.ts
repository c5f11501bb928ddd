/** How long a snapshot keeps a guest from writing, against the same commands by hand; and what it costs for a larger disk. */
import { z } from 'zod';
import { GiB, MiB } from '../src/domain/size.ts';
import { type Gaps, startWriter, type Writer } from './guest-writer.ts';
import { type BenchContext, inTurn, median } from './kit.ts';
import { carriedOut, done, dropVm, type LabHost, plan, withImage, withLabHost } from './lab.ts';

const ROUNDS = 5;
const VM = 'bench';
const ME = '01-dev1';
/** Longer than that no guest may be held, whatever it costs by hand. Milliseconds. */
const LONGEST_MS = 10_000;
/** As much longer than by hand. */
const BOUND = 1.2;
const FLAVORS = [
  { name: 'bench', vcpus: 1, memoryBytes: 192 * MiB, diskBytes: GiB },
  { name: 'bench-large', vcpus: 1, memoryBytes: 192 * MiB, diskBytes: 16 * GiB },
];

export async function bench(ctx: BenchContext): Promise<void> {
  await withLabHost(
    ctx,
    ({ flavors }) => ({ flavors: [...flavors, ...FLAVORS] }),
    async (lab) => {
      await withImage(lab, 'full', () => pauses(ctx, lab));
      await withImage(lab, 'tiny', () => sizes(ctx, lab));
    },
  );
}

/** One way to hold a guest: ours, and by hand. */
interface Case {
  readonly subject: string;
  readonly freeze: boolean;
  readonly peer: string;
  /** Around the snapshots, on the host. */
  readonly hold: string;
  readonly release: string;
  /** What tells how long it was held: a guest's clock stands still while it is suspended. */
  readonly gap: keyof Gaps;
}

async function pauses(ctx: BenchContext, lab: LabHost): Promise<void> {
  const { core } = lab;
  await done(core, 'vm.create', { name: VM, image: 'full', flavor: 'bench' }, ME);
  const address = core.rows.vms.byName('team-01', VM)?.address ?? null;
  if (address === null) throw new Error('the guest has no address');
  const writer = await startWriter(lab, address);
  try {
    const domain = `team-01-${VM}`;
    await compare(ctx, lab, writer, {
      subject: 'writes paused, one disk, frozen',
      freeze: true,
      peer: 'virsh domfsfreeze + lvcreate -s + virsh domfsthaw',
      hold: `virsh domfsfreeze ${domain}`,
      release: `virsh domfsthaw ${domain}`,
      gap: 'inGuest',
    });
    await compare(ctx, lab, writer, {
      subject: 'writes paused, one disk, not frozen',
      freeze: false,
      peer: 'lvcreate -s',
      hold: ':',
      release: ':',
      gap: 'inGuest',
    });
    const idle = await writer.around(() => new Promise((resolve) => setTimeout(resolve, 15_000)));
    ctx.note(`with no snapshot at all, in a quarter of a minute: ${shown(idle)}`);
    await done(core, 'vm.disk.attach', { vm: VM, size: '1GiB' }, ME);
    await compare(ctx, lab, writer, {
      subject: 'writes paused, two disks, suspended',
      freeze: false,
      peer: 'virsh suspend + lvcreate -s, twice + virsh resume',
      hold: `virsh suspend ${domain}`,
      release: `virsh resume ${domain}`,
      gap: 'here',
    });
  } finally {
    await writer.stop();
    await dropVm(core, VM);
  }
}

async function compare(ctx: BenchContext, lab: LabHost, writer: Writer, each: Case): Promise<void> {
  const { core, root } = lab;
  const volumes = core.rows.vms.byName('team-01', VM)?.disks.map(({ volume }) => volume) ?? [];
  const ours: Gaps[] = [];
  const theirs: Gaps[] = [];
  const contenders = [
    async () => {
      const planned = await plan(core, 'snapshot.create', { vm: VM, name: 'bench', freeze: each.freeze }, ME);
      ours.push(await writer.around(() => carriedOut(core, planned, ME)));
      await done(core, 'snapshot.delete', { vm: VM, name: 'bench' }, ME);
    },
    async () => {
      const names = volumes.map((_volume, index) => `cloudvg/peer-${index}`);
      const taken = volumes.map((volume, index) => `lvcreate -y -kn -s -n peer-${index} cloudvg/${volume}`);
      theirs.push(await writer.around(() => root(`set -e; ${[each.hold, ...taken, each.release].join('; ')}`)));
      await root(`lvremove -y ${names.join(' ')}`);
    },
  ];
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const offset of [0, 1]) await contenders[(round + offset) % 2]?.();
    // The first warms caches, and isn't counted.
    if (round === 0) for (const list of [ours, theirs]) list.length = 0;
    else ctx.note(`${each.subject}, round ${round}: ours ${shown(ours.at(-1))}, by hand ${shown(theirs.at(-1))}`);
  }
  const of = (gaps: readonly Gaps[]): readonly number[] => gaps.map((gap) => gap[each.gap]);
  const [mine, other] = [median(of(ours)), median(of(theirs))];
  ctx.row({ subject: each.subject, ours: mine, peer: each.peer, theirs: other, unit: 'ms', rounds: ROUNDS });
  const longest = Math.max(...of(ours));
  const held = mine <= other * BOUND && longest <= LONGEST_MS;
  ctx.note(
    `${each.subject}: ${(mine / other).toFixed(2)} times by hand (bound ${BOUND}), the longest ${Math.round(longest)} ms (bound ${LONGEST_MS}): ${held ? 'held' : 'NOT HELD'}`,
  );
}

function shown(gaps: Gaps | undefined): string {
  return gaps === undefined ? '–' : `${Math.round(gaps.inGuest)} ms in the guest, ${Math.round(gaps.here)} ms here`;
}

const Reverted = z.object({ kept: z.object({ name: z.string() }) });

/** The same of a disk of 1 GiB and of one of 16 GiB, both off: neither a snapshot nor a revert copies anything. */
async function sizes(ctx: BenchContext, lab: LabHost): Promise<void> {
  const { core } = lab;
  const names = { small: 'bench-1', large: 'bench-16' };
  const flavors = { small: 'bench', large: 'bench-large' };
  for (const size of ['small', 'large'] as const) {
    await done(core, 'vm.create', { name: names[size], image: 'tiny', flavor: flavors[size] }, ME);
    await done(core, 'vm.stop', { vm: names[size] }, ME);
  }
  try {
    const took = {
      create: { small: [] as number[], large: [] as number[] },
      revert: { small: [] as number[], large: [] as number[] },
    };
    const once = (size: 'small' | 'large') => async (): Promise<void> => {
      const vm = names[size];
      for (const act of ['create', 'revert'] as const) {
        const planned = await plan(core, `snapshot.${act}`, { vm, name: 'bench' }, ME);
        const { row, ms } = await carriedOut(core, planned, ME);
        took[act][size].push(ms);
        if (act === 'create') continue;
        const { kept } = Reverted.parse(row.facts);
        await done(core, 'snapshot.delete', { vm, name: kept.name }, ME);
      }
      await done(core, 'snapshot.delete', { vm, name: 'bench' }, ME);
    };
    await inTurn({ small: once('small'), large: once('large') }, ROUNDS);
    for (const act of ['create', 'revert'] as const)
      ctx.row({
        subject: `snapshot ${act}, disk of 16 GiB`,
        ours: median(took[act].large.slice(1)),
        peer: 'the same, disk of 1 GiB',
        theirs: median(took[act].small.slice(1)),
        unit: 'ms',
        rounds: ROUNDS,
      });
  } finally {
    for (const name of Object.values(names)) await dropVm(core, name);
  }
}
