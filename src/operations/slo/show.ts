import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import { BotError } from '../../domain/error.ts';
import { nearest } from '../../domain/names.ts';
import { MONTH, type MonthWindow, monthAt, monthIn } from '../../domain/slo/month.ts';
import { defineRead, type ReadContext, type Reading } from '../spec.ts';
import { VmField } from '../vm/common.ts';
import { splitRef, teamOf } from '../vm-ref.ts';
import { type SloMonth, sloMonth, sloTeams } from './gather.ts';
import { sloCsv, sloFacts, sloJson, sloTable, toneOf, verdictLines } from './text.ts';

const Input = z.strictObject({
  vm: VmField.optional(),
  month: z.string().regex(MONTH, 'Give a month as YYYY-MM, such as 2026-03.').optional().meta({
    title: 'Month',
    description: 'Which month, as YYYY-MM; this one where left out',
    placeholder: '2026-03',
  }),
});

export const sloShow = defineRead({
  name: 'slo.show',
  summary: 'Show the uptime of a month, and what is left of its error budget',
  details:
    'Of a VM, a team, or with `--all` of every team that you may look at. Announced maintenance, what Hostler did for somebody, and VMs that their team shut down are no downtime. Time in which no sweep reached the host is unknown: it counts neither as up nor as down.',
  input: Input,
  positional: [],
  permission: 'view',
  examples: ['/slo show', '/slo show --vm web-01', '/slo show --month 2026-03', '/slo show --all'],
  read: async (input: z.infer<typeof Input>, context): Promise<Reading> => {
    if (input.vm !== undefined) return ofVm(input.vm, input.month, context);
    const { team, all, actor } = context;
    if (team !== null && !all) return ofTeam(team, input.month, context);
    if (all && actor.platform === null) {
      throw new BotError('forbidden', 'Only admins and auditors see the uptime of all teams', {
        hint: 'Leave out --all to see that of your own.',
      });
    }
    return ofTeams(input.month, context);
  },
});

function ofVm(text: string, month: string | undefined, context: ReadContext): Reading {
  const ref = splitRef(text, context.team);
  const team = teamOf(ref);
  const window = windowOf(month, team, context);
  const { vms } = monthOf(team, window, context);
  // A name may have been given anew in that month: all that bore it are told of.
  const found = vms.filter(({ name }) => name === `${team}/${ref.name}`);
  const [first] = found;
  if (first === undefined) {
    const near = nearest(
      ref.name,
      vms.map(({ name }) => name.slice(team.length + 1)),
    );
    throw new BotError('not_found', `Team ${team} had no VM ${ref.name} in ${window.title}`, {
      field: 'vm',
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : '`/slo show` lists those that it had.',
    });
  }
  if (found.length > 1) {
    return {
      notice: {
        tone: 'plain',
        title: `Uptime of ${first.name}, ${window.title}: ${found.length} VMs had that name`,
        table: sloTable(found, 'VM', ''),
      },
      json: found.map(sloJson),
    };
  }
  return {
    notice: {
      tone: toneOf(first),
      title: `Uptime of ${first.name}, ${window.title}`,
      lines: verdictLines(first, isRunning(window, context)),
      facts: sloFacts(first),
    },
    json: { month: window.month, ...sloJson(first) },
  };
}

function ofTeam(team: string, month: string | undefined, context: ReadContext): Reading {
  const window = windowOf(month, team, context);
  const { vms, whole } = monthOf(team, window, context);
  return {
    notice: {
      tone: toneOf(whole),
      title: `Uptime of team ${team}, ${window.title}`,
      lines: verdictLines(whole, isRunning(window, context)),
      facts: sloFacts(whole),
      table: sloTable(vms, 'VM', 'The team had no VM in that month.'),
      ...(vms.length === 0 ? {} : { files: [sloCsv(window, vms, `uptime-${team}-${window.month}.csv`)] }),
    },
    json: { month: window.month, ...sloJson(whole), vms: vms.map(sloJson) },
  };
}

/** All that the actor may look at; for who may look at all, the fleet with them. */
function ofTeams(month: string | undefined, context: ReadContext): Reading {
  const { settings, actor } = context;
  const window = windowOf(month, null, context);
  const { vms, whole: fleet } = monthOf(null, window, context);
  const teams = sloTeams(settings, vms).filter(({ name }) => decide(actor, 'view', name).allowed);
  const whole = actor.platform === null ? null : fleet;
  return {
    notice: {
      tone: whole === null ? 'plain' : toneOf(whole),
      title: `Uptime of ${whole === null ? 'your' : 'all'} teams, ${window.title}`,
      ...(whole === null ? {} : { lines: verdictLines(whole, isRunning(window, context)), facts: sloFacts(whole) }),
      table: sloTable(teams, 'Team', 'You are in no team.'),
    },
    json: { month: window.month, ...(whole === null ? {} : sloJson(whole)), teams: teams.map(sloJson) },
  };
}

function monthOf(team: string | null, window: MonthWindow, { rows, settings, clock }: ReadContext): SloMonth {
  return sloMonth(rows, settings, team, window, clock.now());
}

function windowOf(month: string | undefined, team: string | null, { settings, clock }: ReadContext): MonthWindow {
  const zone = settings.teams.find(({ name }) => name === team)?.timezone ?? settings.timezone;
  const now = monthAt(clock.now(), zone);
  if (month === undefined) return now;
  const asked = monthIn(month, zone);
  if (asked.from > now.from) {
    throw new BotError('invalid_input', `${asked.title} has not begun`, {
      field: 'month',
      hint: `The newest month is ${now.month}.`,
    });
  }
  return asked;
}

function isRunning({ to }: MonthWindow, { clock }: ReadContext): boolean {
  return clock.now() < to;
}
