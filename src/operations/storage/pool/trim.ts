import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import type { Fact } from '../../../domain/notice.ts';
import { NOTHING } from '../../../domain/plan.ts';
import type { HostSettings } from '../../../domain/settings.ts';
import { formatSize } from '../../../domain/size.ts';
import { fullName, type Vm } from '../../../domain/vm.ts';
import { HostField, hostOf } from '../../host-ref.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { measurePool, trimGuest, trimmed } from '../../steps/pools.ts';
import type { Rows } from '../../store.ts';
import { factsOf, VmFacts } from '../../vm/common.ts';
import {
  keepMeasured,
  lookAtPool,
  measuredPool,
  PoolFacts,
  poolDraft,
  poolLock,
  poolName,
  poolReport,
  usedBytes,
} from './common.ts';
import { runningVms } from './guests.ts';

const Input = z.strictObject({ host: HostField });
const Facts = PoolFacts.extend({ vms: z.array(VmFacts) });
type Facts = z.infer<typeof Facts>;

export const poolTrim = defineChange({
  name: 'storage.pool.trim',
  summary: 'Have guests give back to the thin pool what their filesystems don’t use',
  details:
    'Asks the guest agent of each VM that runs and has one, one after the other (`virsh domfstrim`). What a guest has deleted holds the pool until then. What a snapshot shares comes back only with the snapshot. Tells how much came back.',
  input: Input,
  positional: ['host'],
  permission: 'platform',
  risk: 'safe',
  examples: ['/storage pool trim kvm-1'],
  facts: Facts,
  look: (input: z.infer<typeof Input>, context: ReadContext) =>
    lookAtPool(hostOf(context.settings, input.host), context),
  plan,
  steps: ({ host, vg, pool, vms }, driver) => {
    const at = { driver, host };
    return [
      measurePool(at, { vg, name: pool }, 'before'),
      ...vms.map((vm) => trimGuest({ ...at, uuid: vm.uuid, vm: fullName(vm) })),
      measurePool(at, { vg, name: pool }, 'after'),
    ];
  },
  begin: () => undefined,
  settle: (facts, _end, rows, outputs) => keepMeasured(facts, rows, outputs),
  report: (facts, _rows, _settings, outputs) => {
    const report = poolReport(facts, outputs);
    return { ...report, facts: [...whatCame(facts, outputs), ...report.facts] };
  },
});

function plan(input: z.infer<typeof Input>, context: PlanContext): Draft<Facts> {
  const host = hostOf(context.settings, input.host);
  const { asked, silent } = askable(host, context);
  if (asked.length === 0) {
    throw new BotError('wrong_state', `No VM that draws from ${poolName(host)} could be asked to trim`, {
      hint: `It must run, and its guest agent answer. \`/storage pool show ${host.name}\` says what else helps.`,
    });
  }
  return {
    ...poolDraft(host),
    facts: { host: host.name, vg: host.vg, pool: host.pool, vms: asked.map(factsOf) },
    title: `Trim the guests of ${poolName(host)}`,
    verb: 'Trim',
    risk: 'safe',
    locks: [poolLock(host, 'trim')],
    adds: NOTHING,
    notes: [
      `${asked.length} ${asked.length === 1 ? 'guest is' : 'guests are'} asked: ${asked.map(fullName).join(', ')}.`,
      ...(silent.length === 0 ? [] : [`Left out, for their agents don’t answer: ${silent.map(fullName).join(', ')}.`]),
      'What their snapshots share with them stays until the snapshots go.',
    ],
  };
}

/** Running VMs whose agent answered, or that nobody has asked yet; and the others. As the first planning found them. */
function askable(host: HostSettings, { rows, keep }: PlanContext) {
  const running = runningVms(rows, host);
  const found = running.filter((vm) => answers(rows, vm)).map(({ id }) => id);
  const kept = new Set(keep('vms', found.join(' ')).split(' '));
  return {
    asked: running.filter(({ id }) => kept.has(id)),
    silent: running.filter(({ id }) => !kept.has(id)),
  };
}

function answers(rows: Rows, vm: Vm): boolean {
  const { agentSeenAt, agentSilentSince, askedAt } = rows.watch.of(vm.id);
  return agentSilentSince === null && (agentSeenAt !== null || askedAt === null);
}

const Trimmed = z.object({ trimmed: z.boolean(), why: z.string().optional() });

/** How much came back, and which guests didn't help. */
function whatCame({ vms }: Facts, outputs: ReadonlyMap<string, unknown>): Fact[] {
  const [before, after] = [measuredPool(outputs, 'before'), measuredPool(outputs, 'after')];
  const not = vms.flatMap((vm) => {
    const said = Trimmed.safeParse(outputs.get(trimmed(vm.uuid)));
    return said.success && !said.data.trimmed ? [`${fullName(vm)} (${said.data.why ?? 'it did not say why'})`] : [];
  });
  const back = before === null || after === null ? null : Math.max(0, usedBytes(before) - usedBytes(after));
  return [
    ...(back === null ? [] : [{ name: 'Came back', value: back === 0 ? 'nothing' : formatSize(back) }]),
    { name: 'Trimmed', value: `${vms.length - not.length} of ${vms.length}` },
    ...(not.length === 0 ? [] : [{ name: 'Not trimmed', value: not.join(', ') }]),
  ];
}
