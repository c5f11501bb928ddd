import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import { ago } from '../../domain/ago.ts';
import type { Button, Fact, Inline, Text } from '../../domain/notice.ts';
import { add } from '../../domain/plan.ts';
import { amountsOf } from '../../domain/quota.ts';
import type { Team } from '../../domain/settings.ts';
import { formatSize, formatSpan } from '../../domain/size.ts';
import { monthAt } from '../../domain/slo/month.ts';
import { ratioText } from '../../domain/slo/uptime.ts';
import { fullName, type Vm, type VmState, vmState } from '../../domain/vm.ts';
import { refreshBriefly } from '../observe.ts';
import { sloMonth } from '../slo/gather.ts';
import { defineRead, type ReadContext } from '../spec.ts';

const PAGE = 20;
/** Of approvals, alerts, jobs and teams: the rest is a command’s. */
const SHOWN = 4;

const Input = z.strictObject({
  page: z.int().min(1).max(10_000).default(1).meta({ title: 'Page', description: 'Which page of the VMs' }),
});

/** What the Home tab shows. */
export const hostlerHome = defineRead({
  name: 'hostler.home',
  summary: 'Show what matters to you now: VMs, approvals, alerts, quota, what comes next',
  details: 'The same as the Home tab of the app. Admins see the fleet with it.',
  input: Input,
  positional: ['page'],
  permission: 'self',
  examples: ['/hostler home'],
  read: async ({ page }: z.infer<typeof Input>, context) => {
    const { rows, settings, actor, clock } = context;
    if (!context.asSeen)
      await refreshBriefly(
        context,
        settings.hosts.map(({ name }) => name),
      );
    const now = clock.now();
    const seesAll = actor.platform !== null;
    const mine = settings.teams.filter(({ name }) => (actor.teams.size > 0 || !seesAll ? actor.teams.has(name) : true));
    const answering = new Set(rows.hosts.list().flatMap(({ name, trouble }) => (trouble === null ? [name] : [])));
    const vms = mine
      .flatMap(({ name }) => rows.vms.list(name))
      .map((vm) => ({ vm, state: vmState(vm, answering.has(vm.host)) }));
    const pages = Math.max(1, Math.ceil(vms.length / PAGE));
    const at = Math.min(page, pages);
    const shown = vms.slice((at - 1) * PAGE, at * PAGE);
    const approvals = approvalsFor(context);
    const alerts = rows.incidents
      .since(now)
      .filter(({ team }) => (team === null ? seesAll : mine.some(({ name }) => name === team)));
    return {
      notice: {
        tone: alerts.length > 0 ? 'warn' : approvals.length > 0 ? 'wait' : 'plain',
        title: titleOf(vms.length, alerts.length, approvals.length),
        lines: [
          ...some(
            alerts,
            (incident): Text => [
              { bold: incident.title },
              `: ${rows.incidents
                .members(incident.id)
                .slice(0, 3)
                .map(({ name }) => name)
                .join(', ')}, ${ago(incident.openedAt, now)}`,
            ],
          ),
          ...some(
            approvals,
            ({ row, endsAt }): Text => [
              { bold: 'Waits for you: ' },
              `${row.plan.title}, asked by ${row.person}, for another ${formatSpan(Math.max(0, endsAt - now))}`,
            ],
          ),
        ],
        facts: [
          ...(seesAll ? fleetFacts(context) : []),
          ...mine
            .filter(({ name }) => actor.teams.has(name))
            .slice(0, SHOWN)
            .flatMap((team) => teamFacts(team, context)),
          ...nextFacts(mine, context),
        ],
        table: {
          columns: ['VM', 'State', 'Host', 'Address'],
          rows: shown.map(({ vm, state }) => [fullName(vm), state, vm.host, vm.address ?? '–']),
          empty:
            mine.length === 0 ? 'You are in no team yet: an admin can add you.' : 'No VM yet. `/vm create` makes one.',
        },
        buttons: buttonsFor(shown, approvals, at, pages),
        ...(pages > 1 ? { footer: `Page ${at} of ${pages}, ${vms.length} VMs` } : {}),
      },
      json: {
        page: at,
        pages,
        vms: shown.map(({ vm, state }) => ({ name: fullName(vm), state, host: vm.host, address: vm.address })),
        approvals: approvals.map(({ row }) => ({ operation: row.id, title: row.plan.title, requester: row.person })),
        alerts: alerts.map(({ id, title, team, severity }) => ({ id, title, team, severity })),
      },
    };
  },
});

function titleOf(vms: number, alerts: number, approvals: number): string {
  const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
  return [
    count(vms, 'VM'),
    ...(alerts === 0 ? [] : [count(alerts, 'open alert')]),
    ...(approvals === 0 ? [] : [`${count(approvals, 'request')} for you to decide`]),
  ].join(', ');
}

function some<T>(all: readonly T[], text: (one: T) => Text): Text[] {
  return [...all.slice(0, SHOWN).map(text), ...(all.length > SHOWN ? [`… and ${all.length - SHOWN} more`] : [])];
}

/** Requests that this person may decide: of others, in teams where he approves. */
function approvalsFor({ rows, actor }: ReadContext) {
  return rows.approvals.open().flatMap((approval) => {
    const row = rows.operations.byId(approval.operationId);
    if (row === null || row.person === actor.person || !decide(actor, 'approve', row.team).allowed) return [];
    if (approval.from === 'admin' && actor.platform !== 'admin') return [];
    return [{ row, endsAt: approval.expiresAt }];
  });
}

function teamFacts(team: Team, { rows, settings, clock }: ReadContext): Fact[] {
  const { name, quota, timezone } = team;
  const used = add(amountsOf(rows.vms.list(name)), rows.held({ team: name }));
  const now = clock.now();
  const { judged } = sloMonth(rows, settings, name, monthAt(now, timezone), now).whole;
  return [
    {
      name: `Quota of ${name}`,
      value: `${used.vms} of ${quota.vms} VMs, ${used.vcpus} of ${quota.vcpus} vCPUs, ${formatSize(used.memoryBytes)} of ${formatSize(quota.memoryBytes)} memory, ${formatSize(used.diskBytes)} of ${formatSize(quota.diskBytes)} disk`,
    },
    { name: `Uptime of ${name} this month`, value: ratioText(judged.ratio) },
  ];
}

function fleetFacts({ rows, settings }: ReadContext): Fact[] {
  const silent = settings.hosts.filter(({ name }) => rows.hosts.find(name)?.trouble !== null).map(({ name }) => name);
  const stuck = rows.operations.inState(['stuck']).length;
  return [
    {
      name: 'Hosts',
      value: `${settings.hosts.length - silent.length} of ${settings.hosts.length} answer${silent.length === 0 ? '' : `; not ${silent.slice(0, 5).join(', ')}`}`,
    },
    { name: 'VMs of all teams', value: String(rows.vms.list(null).length) },
    { name: 'Operations that are stuck', value: String(stuck) },
  ];
}

/** What the schedule brings to these teams next. */
function nextFacts(teams: readonly Team[], { rows, actor }: ReadContext): Fact[] {
  const places = new Set([...teams.map(({ name }) => name), ...(actor.platform === null ? [] : [''])]);
  const jobs = rows.schedule
    .jobs()
    .filter(({ place, rule }) => places.has(place) && rule.startsWith('each ') && !/^each (minute|hour)/.test(rule));
  // Each job once, however many teams.
  const next = [...new Map([...jobs].sort((a, b) => b.nextDueAt - a.nextDueAt).map((job) => [job.job, job])).values()]
    .sort((a, b) => a.nextDueAt - b.nextDueAt)
    .slice(0, SHOWN);
  const dr = jobs.find(({ job }) => job === 'dr-reminders');
  const all = dr === undefined || next.some(({ job }) => job === dr.job) ? next : [...next, dr];
  if (all.length === 0) return [];
  return [
    {
      name: 'Next',
      value: all.flatMap(({ job, nextDueAt }, n): Inline[] => [
        `${n === 0 ? '' : '; '}${inWords(job)} `,
        { at: nextDueAt },
      ]),
    },
  ];
}

/** A job's name as one reads it: `dr-reminders` are DR reminders. */
function inWords(job: string): string {
  return job.replaceAll('-', ' ').replaceAll(/\b(?:dr|slo)\b/g, (short) => short.toUpperCase());
}

function buttonsFor(
  shown: readonly { readonly vm: Vm; readonly state: VmState }[],
  approvals: ReturnType<typeof approvalsFor>,
  page: number,
  pages: number,
): Button[] {
  const turn = (label: string, to: number): Button => ({
    label,
    press: { do: 'run', name: 'hostler.home', input: { page: to } },
  });
  return [
    ...approvals.slice(0, SHOWN).map(
      ({ row }): Button => ({
        label: `Approve: ${row.plan.title}`.slice(0, 70),
        press: { do: 'approve', op: row.id, digest: row.digest },
      }),
    ),
    { label: 'Create a VM', press: { do: 'open', name: 'vm.create', input: {} }, style: 'primary' },
    ...shown
      .filter(({ state }) => state === 'shutoff' || state === 'crashed')
      .slice(0, SHOWN)
      .map(
        ({ vm }): Button => ({
          label: `Start ${fullName(vm)}`,
          press: { do: 'run', name: 'vm.start', input: { vm: fullName(vm) } },
        }),
      ),
    ...(page > 1 ? [turn('Page before', page - 1)] : []),
    ...(page < pages ? [turn('Next page', page + 1)] : []),
    turn('Refresh', page),
  ];
}
