/** From approval to running domain on a lab host, against two shell scripts there, alternated in one run. */
import { z } from 'zod';
import type { Settings } from '../src/domain/settings.ts';
import { MiB } from '../src/domain/size.ts';
import type { Core } from '../src/main/core.ts';
import { type BenchContext, median } from './kit.ts';
import { accept, done, dropVm, type LabHost, plan, type Root, wholeRounds, withImage, withLabHost } from './lab.ts';

const ROUNDS = 7;
const VM = 'bench';
/** As large as the image, so that all three make the same disk and nobody extends it. */
const FLAVOR = { name: 'bench', vcpus: 1, memoryBytes: 192 * MiB, diskBytes: 96 * MiB };

/** What a command line runs, behind sudo and timeout. */
const TOOL = /\b(?:lvcreate|lvextend|dd|mv|virsh)\b/;

export async function bench(ctx: BenchContext): Promise<void> {
  const change = ({ flavors }: Settings) => ({ flavors: [...flavors, FLAVOR], addressMs: 0 });
  await withLabHost(ctx, change, (lab) =>
    withImage(lab, 'tiny', async () => {
      const peers = await peerScripts(lab.core, lab.root);
      await measure(ctx, lab, peers);
      await peers.drop();
    }),
  );
}

interface Round {
  readonly ours: Made;
  readonly usual: number;
  readonly fastest: number;
}

async function measure(ctx: BenchContext, lab: LabHost, peers: Peers): Promise<void> {
  const { core, name: host, root } = lab;
  const round = async (number: number): Promise<Round> => {
    const times: { -readonly [Key in keyof Round]?: Round[Key] } = {};
    const contenders = [
      async () => {
        times.ours = await ours(core, host);
      },
      async () => {
        times.usual = Number(await root(peers.usual));
      },
      async () => {
        times.fastest = Number(await root(peers.fastest));
      },
    ];
    for (const offset of [0, 1, 2]) await contenders[(number + offset) % 3]?.();
    if (times.ours === undefined || times.usual === undefined || times.fastest === undefined)
      throw new Error('three contenders, each once');
    return { ours: times.ours, usual: times.usual, fastest: times.fastest };
  };
  const clear = async (): Promise<void> => {
    await root(peers.clear);
    if (core.rows.vms.byName('team-01', VM) !== null) await dropVm(core, VM);
  };
  const told = ({ ours, usual, fastest }: Round): string =>
    `ours ${seconds(ours.ms)}, usual ${seconds(usual)}, fastest ${seconds(fastest)}; of ours ${ours.commands}`;
  const rounds = await wholeRounds(ctx, lab, ROUNDS, { round, clear, told });
  const of = (value: (round: Round) => number): number => median(rounds.map(value));
  ctx.note(
    `round trips: ${of((one) => one.ours.trips)}; of our time ${seconds(of((one) => one.ours.ms - one.ours.onHostMs))} were the bot's and the link's, the rest the host's commands`,
  );
  const common = {
    subject: 'approval to running domain',
    ours: of((one) => one.ours.ms),
    unit: 'ms',
    rounds: ROUNDS,
  };
  ctx.row({ ...common, peer: 'lvcreate + virt-install --import', theirs: of((one) => one.usual) });
  ctx.row({ ...common, peer: 'lvcreate -s + virsh define + virsh start', theirs: of((one) => one.fastest) });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

interface Made {
  readonly ms: number;
  readonly trips: number;
  readonly onHostMs: number;
  /** Each command with its time. */
  readonly commands: string;
}

/** One VM: planned first, then timed from the press to the start step's end; then taken away again. */
async function ours(core: Core, host: string): Promise<Made> {
  const planned = await plan(core, 'vm.create', { name: VM, image: 'tiny', flavor: FLAVOR.name }, '01-dev1');
  const before = core.fleet.status(host).stats.calls;
  const began = performance.now();
  let ended = began;
  let after = before;
  const watching = core.service.follow(planned.id, 'end', {
    onChange: (row) => {
      if (
        ended !== began ||
        !core.rows.journal.of(row.id).some(({ step, event }) => step === 'define-and-start' && event === 'done')
      )
        return;
      ended = performance.now();
      after = core.fleet.status(host).stats.calls;
    },
  });
  await accept(core, planned, '01-dev1');
  const row = await watching;
  if (row.state !== 'succeeded') throw new Error(`create: ${row.state}: ${row.error?.message}`);
  const ran = core.rows.journal.of(row.id).flatMap((event) => event.ran);
  const onHostMs = ran.reduce((sum, { ms }) => sum + ms, 0);
  const commands = ran.map(({ line, ms }) => `${TOOL.exec(line)?.[0] ?? line} ${seconds(ms)}`).join(', ');
  await dropVm(core, VM);
  return { ms: ended - began, trips: after - before, onHostMs, commands };
}

const CLEAR = 'virsh destroy peer; virsh undefine peer; lvremove -y cloudvg/peer; true';

interface Peers {
  /** Each prints the milliseconds that it took on the host itself, and leaves nothing. */
  readonly usual: string;
  readonly fastest: string;
  /** What one that was cut off has left. */
  readonly clear: string;
  readonly drop: () => Promise<void>;
}

/** The two scripts, over the same golden volume; the ready XML is that of a VM of ours, under another name, with a seed of its own. */
async function peerScripts(core: Core, root: Root): Promise<Peers> {
  const row = await done(core, 'vm.create', { name: 'model', image: 'tiny', flavor: FLAVOR.name }, '01-dev1');
  const facts = z
    .object({
      uuid: z.string(),
      domainName: z.string(),
      mac: z.string(),
      xml: z.string(),
      disk: z.object({ volume: z.string() }),
      seed: z.object({ path: z.string() }),
    })
    .parse(row.facts);
  const golden = core.rows.images.find('tiny', row.host)?.volume;
  const xml = facts.xml
    .replaceAll(facts.uuid, '6b1b36a2-bb4c-4d6e-9d21-000000000001')
    .replaceAll(facts.domainName, 'peer')
    .replaceAll(facts.mac, '52:54:00:be:4c:01')
    .replaceAll(facts.disk.volume, 'peer')
    .replaceAll(facts.seed.path, '/var/lib/hostler/seed/peer.img');
  await root(`cp ${facts.seed.path} /var/lib/hostler/seed/peer.img; cat > /root/peer.xml <<'XML'\n${xml}\nXML\n`);
  await dropVm(core, 'model');
  const timed = (script: string) => `set -e; export LC_ALL=C; a=$(date +%s%N)
{ ${script}; } >/dev/null
b=$(date +%s%N); echo $(((b - a) / 1000000))
{ ${CLEAR}; } >/dev/null 2>&1`;
  const clone = `lvcreate -y -kn -s -n peer cloudvg/${golden}`;
  return {
    usual: timed(
      `${clone}; virt-install --import --name peer --memory 192 --vcpus 1 --virt-type kvm --osinfo linux2022 --disk path=/dev/cloudvg/peer,format=raw,bus=virtio --network network=default,model=virtio --graphics vnc --noautoconsole`,
    ),
    fastest: timed(`${clone}; virsh define /root/peer.xml; virsh start peer`),
    clear: CLEAR,
    drop: async () => {
      await root('rm -f /root/peer.xml /var/lib/hostler/seed/peer.img');
    },
  };
}
