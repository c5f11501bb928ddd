import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import type { Button } from '../../../domain/notice.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize } from '../../../domain/size.ts';
import { fullName, type Vm } from '../../../domain/vm.ts';
import { HostField, hostOf } from '../../host-ref.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { beSuspended } from '../../steps/domains.ts';
import type { Rows } from '../../store.ts';
import { factsOf, sawState, settleLife, VmFacts, vmLock } from '../../vm/common.ts';
import { powerOf } from '../../vm/power.ts';
import { lookAtPool, PoolFacts, poolDraft, poolLock, poolName } from './common.ts';
import { writersOn } from './guests.ts';

/** Every one of them has its Resume on the card. */
const MOST = 5;
const Input = z.strictObject({
  host: HostField,
  vms: z
    .int()
    .min(1, 'Pause one at least.')
    .max(MOST, `Pause ${MOST} at most; more with the command again.`)
    .default(3)
    .meta({ title: 'VMs', description: 'How many of the biggest writers', placeholder: '3' }),
});

const WriterFacts = VmFacts.extend({
  /** What it wrote when the plan was made. */
  bytesPerSecond: z.number(),
  /** Where its team is told; null where it has no channel any more. */
  channel: z.string().nullable(),
});
const Facts = PoolFacts.extend({ vms: z.array(WriterFacts) });
type Facts = z.infer<typeof Facts>;

export const poolRelieve = defineChange({
  name: 'storage.pool.relieve',
  summary: 'Suspend the VMs that write most into a host’s thin pool, to win time',
  details:
    'They keep their memory and lose nothing; their services stand still until somebody resumes them, with the card’s buttons or `/vm resume`. No restart policy starts them meanwhile, and no alert takes them for crashed. Their teams are told.',
  input: Input,
  positional: ['host'],
  permission: 'platform',
  risk: 'disruptive',
  examples: ['/storage pool relieve kvm-1', '/storage pool relieve kvm-1 --vms 1'],
  facts: Facts,
  look,
  plan,
  steps: ({ host, vms }, driver) =>
    vms.map((vm) => {
      const step = beSuspended({ driver, host, uuid: vm.uuid, vm: fullName(vm) });
      return { ...step, name: `${step.name}:${vm.vmId}` };
    }),
  begin: () => undefined,
  settle: (facts, end, rows, _outputs, now) => {
    for (const vm of facts.vms) {
      settleLife(rows, vm.vmId, end);
      if (end !== 'succeeded') continue;
      // So it is wanted from now on, and neither down nor to be started.
      sawState(rows, vm.vmId, 'paused', 'user', now);
      tellTeam(vm, facts, rows, now);
    }
  },
  report: ({ host, vms }) => ({
    facts: [{ name: 'Suspended', value: vms.map((vm) => `${fullName(vm)} (${rate(vm.bytesPerSecond)})`).join(', ') }],
    buttons: [
      ...vms.map(resumeButton),
      { label: 'Show pool', press: { do: 'run', name: 'storage.pool.show', input: { host } } },
    ],
  }),
});

interface Looked {
  /** UUIDs of those that run just now. */
  readonly running: ReadonlySet<string>;
}

/** Those that could be meant are looked at: what a sweep saw a minute ago may have ended. */
async function look(input: z.infer<typeof Input>, context: ReadContext): Promise<Looked> {
  const { rows, settings, clock, fleet, driver } = context;
  const host = hostOf(settings, input.host);
  await lookAtPool(host, context);
  const looked = await Promise.all(
    writersOn(rows, host, clock.now())
      .slice(0, 2 * MOST)
      .map(async ({ vm }) => {
        const asked = await fleet.run(host.name, driver.domains.look(vm.uuid));
        if (asked.outcome !== 'done') throw asked.error;
        return asked.value !== null && powerOf(asked.value.state) === 'on' ? [vm.uuid] : [];
      }),
  );
  return { running: new Set(looked.flat()) };
}

function plan(input: z.infer<typeof Input>, context: PlanContext, { running }: Looked): Draft<Facts> {
  const { rows, settings, now } = context;
  const host = hostOf(settings, input.host);
  const writers = writersOn(rows, host, now);
  const found = writers.filter(({ vm }) => running.has(vm.uuid)).slice(0, input.vms);
  // What they write changes with every sweep: the plan stands by what it was shown with.
  const kept = Kept.parse(
    JSON.parse(
      context.keep('writers', JSON.stringify(found.map(({ vm, bytesPerSecond }) => ({ id: vm.id, bytesPerSecond })))),
    ),
  );
  const vms = kept.flatMap(({ id, bytesPerSecond }) => {
    const vm = rows.vms.byId(id);
    return vm?.life === 'live' ? [{ vm, bytesPerSecond }] : [];
  });
  if (vms.length === 0) {
    throw new BotError('wrong_state', `No VM is known to write into ${poolName(host)} just now`, {
      hint: `Rates come with the sweeps of each minute: ask again in two. \`/storage pool show ${host.name}\` says what else helps.`,
    });
  }
  const all = writers.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
  const these = vms.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
  return {
    ...poolDraft(host),
    facts: {
      host: host.name,
      vg: host.vg,
      pool: host.pool,
      vms: vms.map(({ vm, bytesPerSecond }) => ({ ...factsOf(vm), bytesPerSecond, channel: channelOf(vm, context) })),
    },
    title: `Suspend the biggest writers of ${poolName(host)}: ${vms.map(({ vm }) => fullName(vm)).join(', ')}`,
    verb: 'Suspend',
    risk: 'disruptive',
    locks: [poolLock(host, 'relieve'), ...vms.map(({ vm }) => vmLock(vm))],
    adds: NOTHING,
    notes: [
      ...vms.map(({ vm, bytesPerSecond }) => `${fullName(vm)} writes ${rate(bytesPerSecond)}.`),
      ...(all > 0 && these <= all
        ? [`Together that is ${Math.round((100 * these) / all)} % of what the host’s VMs write.`]
        : []),
      'Their services stand still until somebody resumes them; they lose nothing. Their teams are told.',
    ],
  };
}

const Kept = z.array(z.object({ id: z.string(), bytesPerSecond: z.number() }));

function channelOf(vm: Vm, { settings }: PlanContext): string | null {
  return settings.teams.find(({ name }) => name === vm.team)?.channel ?? null;
}

function rate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}

/** Lets a suspended VM go on. */
export function resumeButton(vm: Pick<Vm, 'team' | 'name'>): Button {
  const name = fullName(vm);
  return { label: `Resume ${name}`, press: { do: 'run', name: 'vm.resume', input: { vm: name } } };
}

/** In the transaction that ends it: a team learns of it even where the admin asked from a terminal. */
function tellTeam(vm: z.infer<typeof WriterFacts>, { host, pool }: Facts, rows: Rows, now: number): void {
  if (vm.channel === null) return;
  rows.post({
    key: `relieved:${vm.vmId}:${now}`,
    to: vm.channel,
    underOperation: null,
    notice: {
      tone: 'warn',
      title: `${fullName(vm)} was suspended`,
      lines: [
        `An admin paused it to keep ${pool} on ${host} from running full: it wrote ${rate(vm.bytesPerSecond)}. It has lost nothing, and goes on where it was when somebody resumes it. Ask the admins first: a full pool fails all VMs in it.`,
      ],
      buttons: [resumeButton(vm)],
    },
  });
}
