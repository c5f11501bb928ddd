/** How long a snapshot keeps a guest from writing, against the same commands by hand; and what it costs for a larger disk. */
import { z } from 'zod';
import { GiB, MiB } from '../src/domain/size.ts';
import type { Core } from '../src/main/core.ts';
import { type Gaps, startWriter, type Writer } from './guest-writer.ts';
import { type BenchContext, median } from './kit.ts';
import { carriedOut, done, dropVm, type LabHost, plan, wholeRounds, withImage, withLabHost } from './lab.ts';

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
  readonly disks: 1 | 2;
  readonly peer: string;
  /** Around the snapshots, on the host. */
  readonly hold: string;
  readonly release: string;
  /** What tells how long it was held: a guest's clock stands still while it is suspended. */
  readonly gap: keyof Gaps;
}

async function pauses(ctx: BenchContext, lab: LabHost): Promise<void> {
  const domain = `team-01-${VM}`;
  await compare(ctx, lab, {
    subject: 'writes paused, one disk, frozen',
    freeze: true,
    disks: 1,
    peer: 'virsh domfsfreeze + lvcreate -s + virsh domfsthaw',
    hold: `virsh domfsfreeze ${domain}`,
    release: `virsh domfsthaw ${domain}`,
    gap: 'inGuest',
  });
  await compare(ctx, lab, {
    subject: 'writes paused, one disk, not frozen',
    freeze: false,
    disks: 1,
    peer: 'lvcreate -s',
    hold: ':',
    release: ':',
    gap: 'inGuest',
  });
  await compare(ctx, lab, {
    subject: 'writes paused, two disks, suspended',
    freeze: false,
    disks: 2,
    peer: 'virsh suspend + lvcreate -s, twice + virsh resume',
    hold: `virsh suspend ${domain}`,
    release: `virsh resume ${domain}`,
    gap: 'here',
  });
}

/** A VM of so many disks whose guest writes. */
async function writingVm(lab: LabHost, disks: 1 | 2): Promise<Writer> {
  const { core } = lab;
  await done(core, 'vm.create', { name: VM, image: 'full', flavor: 'bench' }, ME);
  if (disks === 2) await done(core, 'vm.disk.attach', { vm: VM, size: '1GiB' }, ME);
  const address = core.rows.vms.byName('team-01', VM)?.address ?? null;
  if (address === null) throw new Error('the guest has no address');
  return startWriter(lab, address);
}

async function compare(ctx: BenchContext, lab: LabHost, each: Case): Promise<void> {
  const { core, root } = lab;
  const stand: { writer?: Writer } = {};
  const clear = async (): Promise<void> => {
    await stand.writer?.stop();
    delete stand.writer;
    await root('lvremove -y cloudvg/peer-0 cloudvg/peer-1 || true');
    if (core.rows.vms.byName('team-01', VM) !== null) await dropVm(core, VM);
  };
  const round = async (number: number): Promise<Pair> => {
    stand.writer ??= await writingVm(lab, each.disks);
    return pair(lab, stand.writer, each, number);
  };
  try {
    const told = ({ ours, theirs, alone }: Pair): string =>
      `${each.subject}: ours ${shown(ours)}, by hand ${shown(theirs)}, left alone ${shown(alone)}`;
    tell(ctx, each, await wholeRounds(ctx, lab, ROUNDS, { round, clear, told }));
  } finally {
    await clear();
  }
}

interface Pair {
  readonly ours: Gaps;
  readonly theirs: Gaps;
  /** As long as the slower of both took, with no snapshot at all: what the emulated host alone does to a guest. */
  readonly alone: Gaps;
}

async function pair({ core, root }: LabHost, writer: Writer, each: Case, number: number): Promise<Pair> {
  const gaps: { -readonly [Key in keyof Pair]?: Pair[Key] } = {};
  const volumes = core.rows.vms.byName('team-01', VM)?.disks.map(({ volume }) => volume) ?? [];
  const took = { ms: 0 };
  const timedAround = async (work: () => Promise<unknown>): Promise<Gaps> => {
    const began = performance.now();
    const seen = await writer.around(work);
    took.ms = Math.max(took.ms, performance.now() - began);
    return seen;
  };
  const contenders = [
    async () => {
      const planned = await plan(core, 'snapshot.create', { vm: VM, name: 'bench', freeze: each.freeze }, ME);
      gaps.ours = await timedAround(() => carriedOut(core, planned, ME));
      await done(core, 'snapshot.delete', { vm: VM, name: 'bench' }, ME);
    },
    async () => {
      const names = volumes.map((_volume, index) => `cloudvg/peer-${index}`);
      const taken = volumes.map((volume, index) => `lvcreate -y -kn -s -n peer-${index} cloudvg/${volume}`);
      gaps.theirs = await timedAround(() => root(`set -e; ${[each.hold, ...taken, each.release].join('; ')}`));
      await root(`lvremove -y ${names.join(' ')}`);
    },
  ];
  for (const offset of [0, 1]) await contenders[(number + offset) % 2]?.();
  gaps.alone = await writer.around(() => new Promise((resolve) => setTimeout(resolve, took.ms)));
  if (gaps.ours === undefined || gaps.theirs === undefined) throw new Error('two contenders, each once');
  return { ours: gaps.ours, theirs: gaps.theirs, alone: gaps.alone };
}

function tell(ctx: BenchContext, each: Case, pairs: readonly Pair[]): void {
  const of = (who: keyof Pair): readonly number[] => pairs.map((pair) => pair[who][each.gap]);
  const [mine, other] = [median(of('ours')), median(of('theirs'))];
  ctx.row({ subject: each.subject, ours: mine, peer: each.peer, theirs: other, unit: 'ms', rounds: ROUNDS });
  const longest = Math.max(...of('ours'));
  const held = mine <= other * BOUND && longest <= LONGEST_MS;
  ctx.note(
    `${each.subject}: ${(mine / other).toFixed(2)} times by hand (bound ${BOUND}), the longest ${Math.round(longest)} ms (bound ${LONGEST_MS}): ${held ? 'held' : 'NOT HELD'}; left alone the guest paused ${Math.round(median(of('alone')))} ms`,
  );
}

function shown(gaps: Gaps): string {
  return `${Math.round(gaps.inGuest)} ms in the guest, ${Math.round(gaps.here)} ms here`;
}

const Reverted = z.object({ kept: z.object({ name: z.string() }) });

const SIZES = ['small', 'large'] as const;
type Size = (typeof SIZES)[number];
const SIZED = { small: { vm: 'bench-1', flavor: 'bench' }, large: { vm: 'bench-16', flavor: 'bench-large' } };

/** Milliseconds of a snapshot and of the revert to it. */
interface Took {
  readonly create: number;
  readonly revert: number;
}

/** The same of a disk of 1 GiB and of one of 16 GiB, both off: neither a snapshot nor a revert copies anything. */
async function sizes(ctx: BenchContext, lab: LabHost): Promise<void> {
  const { core } = lab;
  const exists = (size: Size): boolean => core.rows.vms.byName('team-01', SIZED[size].vm) !== null;
  const clear = async (): Promise<void> => {
    for (const size of SIZES) if (exists(size)) await dropVm(core, SIZED[size].vm);
  };
  const round = async (number: number): Promise<Record<Size, Took>> => {
    for (const size of SIZES) if (!exists(size)) await offVm(core, SIZED[size]);
    const took: Partial<Record<Size, Took>> = {};
    for (const size of number % 2 === 0 ? SIZES : SIZES.toReversed())
      took[size] = await takenAndReverted(core, SIZED[size].vm);
    const { small, large } = took;
    if (small === undefined || large === undefined) throw new Error('two sizes, each once');
    return { small, large };
  };
  try {
    const said = ({ create, revert }: Took): string => `${Math.round(create)} and ${Math.round(revert)} ms`;
    const told = ({ small, large }: Record<Size, Took>): string =>
      `snapshot and revert, 1 GiB ${said(small)}, 16 GiB ${said(large)}`;
    const rounds = await wholeRounds(ctx, lab, ROUNDS, { round, clear, told });
    for (const act of ['create', 'revert'] as const)
      ctx.row({
        subject: `snapshot ${act}, disk of 16 GiB`,
        ours: median(rounds.map(({ large }) => large[act])),
        peer: 'the same, disk of 1 GiB',
        theirs: median(rounds.map(({ small }) => small[act])),
        unit: 'ms',
        rounds: ROUNDS,
      });
  } finally {
    await clear();
  }
}

async function offVm(core: Core, { vm, flavor }: { readonly vm: string; readonly flavor: string }): Promise<void> {
  await done(core, 'vm.create', { name: vm, image: 'tiny', flavor }, ME);
  await done(core, 'vm.stop', { vm }, ME);
}

async function takenAndReverted(core: Core, vm: string): Promise<Took> {
  const act = async (name: 'create' | 'revert') =>
    carriedOut(core, await plan(core, `snapshot.${name}`, { vm, name: 'bench' }, ME), ME);
  const create = await act('create');
  const revert = await act('revert');
  // What it kept of the state before.
  const { kept } = Reverted.parse(revert.row.facts);
  for (const name of [kept.name, 'bench']) await done(core, 'snapshot.delete', { vm, name }, ME);
  return { create: create.ms, revert: revert.ms };
}
