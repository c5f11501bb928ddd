/** A lab host with the bot's own engine over it, and a shell as root beside, for benchmarks of what is done to real hosts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labConfig } from '../lab/config.ts';
import { listHosts } from '../lab/host-record.ts';
import { type LabPaths, labPaths } from '../lab/paths.ts';
import { type SshTarget, sshScript } from '../lab/ssh.ts';
import { target } from '../lab/targets.ts';
import { waitFor } from '../lab/wait.ts';
import { loadConfig } from '../src/config.ts';
import type { Settings } from '../src/domain/settings.ts';
import { type Core, openCore, terminalActor } from '../src/main/core.ts';
import type { OperationRow } from '../src/operations/store.ts';
import type { BenchContext } from './kit.ts';

const PATIENCE = 10 * 60_000;

/** Runs a script on the host as root; its stdout. Throws where it fails. */
export type Root = (script: string) => Promise<string>;

export interface LabHost {
  readonly core: Core;
  readonly name: string;
  readonly paths: LabPaths;
  readonly root: Root;
  /** How root reaches it. */
  readonly asRoot: SshTarget;
}

/** The lab's first host, for as long as `work` takes, with these settings instead of its config's. */
export async function withLabHost(
  ctx: BenchContext,
  change: (settings: Settings) => Partial<Settings>,
  work: (lab: LabHost) => Promise<void>,
): Promise<void> {
  const paths = labPaths();
  const [record, ...others] = listHosts(paths.hosts);
  if (record === undefined) throw new Error('no lab host runs: npm run lab -- up --hosts 1');
  if (others.length > 0) ctx.note(`${others.length} more lab hosts run beside: for clean numbers have one only`);
  const asRoot = target(paths, record, 'root');
  const root: Root = async (script) => {
    const ran = await sshScript(asRoot, script, PATIENCE);
    if (ran.code !== 0) throw new Error(`on ${record.name}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  };
  const folder = mkdtempSync(join(tmpdir(), 'hostler-bench-lab-'));
  writeFileSync(join(folder, 'hostler.yaml'), await labConfig(paths));
  const env = { ...process.env, HOSTLER_STATE_DIR: join(folder, 'state'), LOG_LEVEL: 'error' };
  const config = loadConfig(join(folder, 'hostler.yaml'), env);
  const { settings } = config;
  const hosts = settings.hosts.filter(({ name }) => name === record.name);
  const core = openCore({ ...config, settings: { ...settings, hosts, ...change(settings) } }, env);
  try {
    await work({ core, name: record.name, paths, root, asRoot });
  } finally {
    await core.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The operation, planned. */
export async function plan(
  core: Core,
  name: string,
  input: Record<string, unknown>,
  person: string,
): Promise<OperationRow> {
  const answer = await core.service.request({
    name,
    input,
    actor: terminalActor(core.settings(), person),
    channelTeam: null,
    origin: { via: 'terminal', channel: null, command: name },
    options: {},
    dedupe: null,
  });
  if (answer.kind === 'operation') return answer.row;
  throw answer.kind === 'refused' ? answer.error : new Error(`${name}: ${answer.kind}`);
}

/** Its button pressed. */
export async function accept(core: Core, row: OperationRow, person: string): Promise<void> {
  const answer = await core.service.press({
    press: { do: 'accept', op: row.id, digest: row.digest },
    actor: terminalActor(core.settings(), person),
  });
  if (answer.kind === 'refused') throw answer.error;
}

/** From the press to the end, which must be good; and how long that took in milliseconds. */
export async function carriedOut(
  core: Core,
  planned: OperationRow,
  person: string,
): Promise<{ readonly row: OperationRow; readonly ms: number }> {
  const began = performance.now();
  await accept(core, planned, person);
  const row = await core.service.follow(planned.id, 'end');
  const ms = performance.now() - began;
  if (row.state !== 'succeeded') throw new Error(`${row.kind}: ${row.state}: ${row.error?.message}`);
  return { row, ms };
}

/** Planned, carried out, and well. */
export async function done(
  core: Core,
  name: string,
  input: Record<string, unknown>,
  person: string,
): Promise<OperationRow> {
  return (await carriedOut(core, await plan(core, name, input, person), person)).row;
}

/** A guest was there, and is not any more. */
export class GuestGone extends Error {}

const RESTARTS = 3;
/** A host is back within two minutes; libvirt answers some seconds after sshd. */
const BACK_MS = 180_000;

/**
 * What a round gives. One beneath which the host restarted or a guest died, as the emulation's do now and then (lab/README.md), is cleared
 * away and run again, three times at most, and told with what libvirt says of the guests; whatever else goes wrong is thrown.
 */
async function whole<T>(
  ctx: BenchContext,
  { name, root }: LabHost,
  round: () => Promise<T>,
  clear: () => Promise<void>,
): Promise<T> {
  for (let restarts = 0; ; restarts += 1) {
    const boot = await bootId(root);
    try {
      return await round();
    } catch (error) {
      const back = () => bootId(root).catch(() => undefined);
      const now = await waitFor(`libvirt on ${name} answers`, BACK_MS, back, 2_000);
      const what = now !== boot ? `${name} restarted` : error instanceof GuestGone ? 'a guest died' : undefined;
      if (what === undefined || restarts === RESTARTS) throw error;
      ctx.note(
        `${what} in the middle of a round, which is run again: ${(error as Error).message}\n${await guests(root)}`,
      );
      await clear();
    }
  }
}

/** One round that warms caches and page tables, and isn't counted; then so many that are, each told. Of each what `whole` says. */
export async function wholeRounds<T>(
  ctx: BenchContext,
  lab: LabHost,
  count: number,
  each: {
    readonly round: (number: number) => Promise<T>;
    readonly clear: () => Promise<void>;
    readonly told: (one: T) => string;
  },
): Promise<readonly T[]> {
  await whole(ctx, lab, () => each.round(0), each.clear);
  const rounds: T[] = [];
  for (let number = 1; number <= count; number += 1) {
    const one = await whole(ctx, lab, () => each.round(number), each.clear);
    rounds.push(one);
    ctx.note(`round ${number}: ${each.told(one)}`);
  }
  return rounds;
}

/** What libvirt and QEMU say of them. */
function guests(root: Root): Promise<string> {
  return root(
    'for d in $(virsh list --all --name); do echo "$d: $(virsh domstate --reason "$d")"; tail -n 3 "/var/log/libvirt/qemu/$d.log"; done',
  );
}

function bootId(root: Root): Promise<string> {
  return root('virsh list >/dev/null && cat /proc/sys/kernel/random/boot_id');
}

/** An image on the host for as long as `work` takes. */
export async function withImage(
  { core, name, root }: LabHost,
  image: 'tiny' | 'full',
  work: () => Promise<void>,
): Promise<void> {
  await done(core, 'image.add', { name: image }, 'admin');
  try {
    await work();
  } finally {
    await root(`lvremove -y cloudvg/${core.rows.images.find(image, name)?.volume}`);
  }
}

/** Deleted and purged: nothing of it is left. */
export async function dropVm(core: Core, name: string): Promise<void> {
  await done(core, 'vm.delete', { vm: name, force: true }, '01-dev1');
  await done(core, 'vm.purge', { vm: `team-01/${name}` }, 'admin');
}
