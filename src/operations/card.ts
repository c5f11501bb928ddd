import { approvers } from '../domain/access.ts';
import type { BotError } from '../domain/error.ts';
import type { Button, Fact, Inline, Notice, StepLine, Text, Tone } from '../domain/notice.ts';
import { type OperationState, type Plan, STATE_WORDS } from '../domain/plan.ts';
import type { Settings } from '../domain/settings.ts';
import { formatSize, formatSpan } from '../domain/size.ts';
import { foldJournal, outputsOf, type StepStanding, standing } from './journal.ts';
import type { Report } from './spec.ts';
import type { ApprovalRow, JournalRow, OperationRow } from './store.ts';

const TONES: Readonly<Record<OperationState, Tone>> = {
  planned: 'wait',
  awaiting_approval: 'wait',
  queued: 'busy',
  running: 'busy',
  unwinding: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'plain',
  denied: 'bad',
  expired: 'plain',
  superseded: 'warn',
  stuck: 'bad',
};

/** An error for people: what was wrong, and what to type or do instead. */
export function refusal(error: BotError): Notice {
  const { command, hint } = error;
  return {
    tone: 'bad',
    title: error.code === 'bug' ? 'Hostler met a fault of its own' : 'That did not work',
    lines: [error.message, ...(hint === undefined ? [] : [hint])],
    ...(command === undefined
      ? {}
      : {
          code: {
            label: `${command.host}, exit ${command.exit ?? 'unknown'}`,
            text: `$ ${command.command}\n${command.lastLines}`,
          },
        }),
    footer: error.code,
  };
}

export interface CardParts {
  readonly row: OperationRow;
  readonly journal: readonly JournalRow[];
  readonly approval: ApprovalRow | null;
  readonly settings: Settings;
  readonly now: number;
  /** What the operation itself adds at its end. */
  readonly report: (outputs: ReadonlyMap<string, unknown>) => Report | null;
}

/** The one card of an operation, drawn from rows alone. */
export function operationCard(parts: CardParts): Notice {
  const { row, journal, approval, settings, now } = parts;
  const fold = foldJournal(journal);
  const report = row.state === 'succeeded' ? parts.report(outputsOf(fold)) : null;
  const lines: Text[] = [
    [`Asked by `, { person: row.person, slack: row.slack }, row.reason === '' ? '' : `: ${row.reason}`],
  ];
  if (row.state === 'planned' && row.waits) lines.push('It waits its turn: another operation holds what it needs.');
  if (approval !== null) lines.push(...approvalLines(approval, row, settings));
  if (row.cancelAsked && (row.state === 'running' || row.state === 'unwinding'))
    lines.push('Cancelling: what was done is being taken back.');
  if (row.error !== null) {
    lines.push(row.error.message);
    if (row.error.hint !== undefined) lines.push(row.error.hint);
  }
  if (row.state === 'stuck') lines.push(...stuckLines(row, fold));
  if (row.state === 'planned' || row.state === 'awaiting_approval') lines.push(...row.plan.notes);
  const planning = row.state === 'planned' || row.state === 'awaiting_approval';
  const facts: Fact[] = planning ? planFacts(row.plan, row.host) : [...(report?.facts ?? [])];
  return {
    tone: TONES[row.state],
    title: `${row.plan.title}: ${STATE_WORDS[row.state]}`,
    lines,
    facts,
    steps: row.plan.steps.map((step) =>
      stepLine(step.name, step.title, step.host, standing(fold, step.name), row, now),
    ),
    ...(planning ? { code: commandsOf(row.plan) } : commandOf(row)),
    buttons: buttonsFor(row, report),
    footer: footer(row, now),
  };
}

function commandOf(row: OperationRow): { code?: { label: string; text: string } } {
  const command = row.error?.command;
  if (command === undefined) return {};
  return {
    code: {
      label: `${command.host}, exit ${command.exit ?? 'unknown'}`,
      text: `$ ${command.command}\n${command.lastLines}`,
    },
  };
}

/** The plan alone, as `--dry-run` shows it. */
export function planNotice(plan: Plan, _settings: Settings): Notice {
  return {
    tone: 'plain',
    title: `${plan.title}: dry run, nothing was done`,
    lines: plan.notes,
    facts: planFacts(plan, plan.steps[0]?.host ?? ''),
    steps: plan.steps.map((step) => ({ title: step.title, state: 'waiting', host: step.host, ms: null })),
    code: commandsOf(plan),
  };
}

function planFacts(plan: Plan, host: string): Fact[] {
  const facts: Fact[] = [{ name: 'Risk', value: plan.risk }, ...(host === '' ? [] : [{ name: 'Host', value: host }])];
  if (plan.quota !== null) {
    const { before, after, limit } = plan.quota;
    const part = (name: string, from: string, to: string, most: string): Fact => ({
      name,
      value: `${from} → ${to} of ${most}`,
    });
    facts.push(
      part('VMs', String(before.vms), String(after.vms), String(limit.vms)),
      part('vCPUs', String(before.vcpus), String(after.vcpus), String(limit.vcpus)),
      part('Memory', formatSize(before.memoryBytes), formatSize(after.memoryBytes), formatSize(limit.memoryBytes)),
      part('Disk', formatSize(before.diskBytes), formatSize(after.diskBytes), formatSize(limit.diskBytes)),
    );
  }
  return facts;
}

/** Every command line of the plan, with its undo. */
function commandsOf(plan: Plan): { label: string; text: string } {
  const lines: string[] = [];
  for (const step of plan.steps) {
    lines.push(`# ${step.title} (${step.host})`);
    lines.push(...(step.commands.length === 0 ? ['# (only looks, until it is so)'] : step.commands));
    if (step.undo === 'no-way-back') lines.push('# no way back from here');
    else if (step.undo !== 'nothing-to-undo') lines.push(...step.undo.map((line) => `# undo: ${line}`));
  }
  return { label: 'Commands', text: lines.join('\n') };
}

function stepLine(
  _name: string,
  title: string,
  host: string,
  where: StepStanding,
  row: OperationRow,
  now: number,
): StepLine {
  const ms = where.startedAt === null ? null : (where.endedAt ?? now) - where.startedAt;
  const line = { title, host, ms };
  if (where.undone) return { ...line, state: 'undone' };
  if (where.last?.event === 'undo_started') return { ...line, state: 'undoing' };
  if (where.last?.event === 'undo_failed')
    return { ...line, state: 'failed', note: where.last.error?.message ?? 'its undo failed' };
  if (where.done) return { ...line, state: 'done' };
  if (where.last?.event === 'failed') return { ...line, state: 'failed' };
  if (where.last?.event === 'unknown') return { ...line, state: 'unknown' };
  if (where.started) return { ...line, state: row.state === 'running' ? 'running' : 'unknown' };
  const over =
    row.state !== 'planned' && row.state !== 'awaiting_approval' && row.state !== 'queued' && row.state !== 'running';
  return { ...line, ms: null, state: over ? 'skipped' : 'waiting' };
}

function approvalLines(approval: ApprovalRow, row: OperationRow, settings: Settings): Text[] {
  const lines: Text[] = [];
  const yes = approval.votes.filter(({ vote }) => vote === 'approve');
  const no = approval.votes.filter(({ vote }) => vote === 'deny');
  if (approval.state === 'open') {
    const missing = approval.needed - yes.length;
    const people = approvers(settings, approval.from, row.team, row.person)
      .slice(0, 8)
      .map(
        (name): Inline => ({ person: name, slack: settings.people.find((each) => each.name === name)?.slack ?? null }),
      );
    const named = people.flatMap((person, index): Inline[] => (index === 0 ? [person] : [', ', person]));
    lines.push([
      `Needs ${missing === 1 ? 'one approval' : `${missing} approvals`} of ${approval.from === 'lead' ? 'a lead or an admin' : 'an admin'}: `,
      ...(named.length === 0 ? ['nobody else may give it, have an admin change that'] : named),
      '. Until ',
      { at: approval.expiresAt },
    ]);
  }
  for (const { person, at } of yes) lines.push([`Approved by ${person}, `, { at }]);
  for (const { person, at } of no) lines.push([`Denied by ${person}, `, { at }]);
  return lines;
}

function stuckLines(row: OperationRow, fold: ReadonlyMap<string, StepStanding>): Text[] {
  const left = row.plan.steps.filter((step) => {
    const where = standing(fold, step.name);
    return where.started && !where.undone;
  });
  return [
    `Left on ${row.host}: ${left.length === 0 ? 'nothing that Hostler knows of' : left.map((step) => step.title).join('; ')}. Its locks stay until an admin settles it.`,
    ['Runbook: ', { code: 'docs/runbooks/stuck.md' }],
  ];
}

function buttonsFor(row: OperationRow, report: Report | null): Button[] {
  const press = (what: 'accept' | 'cancel' | 'approve' | 'deny' | 'retry' | 'roll-back' | 'leave') =>
    ({ do: what, op: row.id, digest: row.digest }) as const;
  const commands: Button = { label: 'Commands', press: { do: 'commands', op: row.id } };
  const { verb, risk } = row.plan;
  switch (row.state) {
    case 'planned': {
      const go: Button = {
        label: verb,
        press: press('accept'),
        style: risk === 'safe' ? 'primary' : 'danger',
        ...(risk === 'destructive'
          ? { confirm: { title: row.plan.title, text: 'This can’t be taken back. Data will be lost.', yes: verb } }
          : {}),
      };
      return row.waits
        ? [{ label: 'Cancel', press: press('cancel') }, commands]
        : [go, { label: 'Cancel', press: press('cancel') }, commands];
    }
    case 'awaiting_approval':
      return [
        { label: 'Approve', press: press('approve'), style: 'primary' },
        { label: 'Deny', press: press('deny'), style: 'danger' },
        { label: 'Cancel', press: press('cancel') },
        commands,
      ];
    case 'queued':
    case 'running':
      return row.cancelAsked ? [commands] : [{ label: 'Cancel', press: press('cancel') }, commands];
    case 'unwinding':
      return [commands];
    case 'stuck':
      return [
        { label: 'Retry', press: press('retry'), style: 'primary' },
        { label: 'Roll back', press: press('roll-back') },
        {
          label: 'Accept as it is',
          press: press('leave'),
          style: 'danger',
          confirm: {
            title: 'Accept as it is',
            text: 'Its locks are given back, and what is left on the host stays there.',
            yes: 'Accept',
          },
        },
        commands,
      ];
    default:
      return [...(report?.buttons ?? []), commands];
  }
}

function footer(row: OperationRow, now: number): Text {
  const parts: Inline[] = [[row.id, ...(row.host === '' ? [] : [row.host]), ''].join(' · ')];
  if (row.endedAt !== null && row.startedAt !== null) parts.push(`took ${formatSpan(row.endedAt - row.startedAt)} · `);
  else if (row.startedAt !== null) parts.push(`running for ${formatSpan(now - row.startedAt)} · `);
  if (row.state === 'planned' && row.expiresAt !== null) parts.push('plan valid until ', { at: row.expiresAt });
  else parts.push({ at: row.updatedAt });
  return parts;
}
