import { type Drill, type DrillCheck, type DrillMoment, missed, objectiveCheck } from '../../domain/drill.ts';
import type { ErrorCode } from '../../domain/error.ts';
import type { Notice } from '../../domain/notice.ts';
import { formatSpan } from '../../domain/size.ts';
import type { End } from '../spec.ts';
import type { JournalRow, OperationRow } from '../store.ts';
import { VERDICT_TONE, VERDICT_WORDS } from './common.ts';
import type { DrillFacts } from './drill-facts.ts';
import { guestChecks } from './guest-evidence.ts';

interface Ended {
  readonly end: End;
  readonly operation: OperationRow;
  readonly journal: readonly JournalRow[];
  readonly outputs: ReadonlyMap<string, unknown>;
  readonly now: number;
}

/** What says nothing of the backup, whichever step it befell. */
const NO_VERDICT: readonly ErrorCode[] = ['cancelled', 'host_unreachable', 'outcome_unknown', 'bug'];

/** What came of a drill, by its journal: the same journal gives the same evidence. */
export function outcomeOf(
  facts: DrillFacts,
  { end, operation, journal, outputs, now }: Ended,
): Pick<Drill, 'verdict' | 'reason' | 'rpoMs' | 'rtoMs' | 'checks' | 'timeline' | 'endedAt'> {
  const from = operation.startedAt ?? operation.createdAt;
  const done = (step: string) => journal.find((each) => each.step === step && each.event === 'done');
  const lastProbe = operation.plan.steps.findLast(({ name }) => name.startsWith('probe-'))?.name ?? '';
  const probed = done(lastProbe)?.at;
  const rpoMs = Math.max(0, from - facts.takenAt);
  const rtoMs = probed === undefined ? null : probed - from;
  const { objectives } = facts;
  const checks = [
    ...asked(facts).map(({ name, steps, found }) => checkOf(name, steps, found, journal)),
    ...guestChecks(facts, outputs, (name, steps, found) => checkOf(name, steps, found, journal)),
    ...(facts.port === null ? [{ name: 'Port', result: 'not tried', found: 'none was asked for' } as const] : []),
    ...(facts.agent
      ? []
      : [{ name: 'Guest agent', result: 'not tried', found: 'that of the VM itself does not answer' } as const]),
    objectiveCheck('RPO', rpoMs, objectives.rpoMs),
    objectiveCheck('RTO', rtoMs, objectives.rtoMs),
    leftBehind(facts, end),
  ];
  return {
    ...verdictOf({ rpoMs, rtoMs, objectives }, checks, end, operation),
    rpoMs,
    rtoMs,
    checks,
    timeline: timelineOf(operation, journal, from),
    endedAt: now,
  };
}

/** The checks that steps make, in their order. */
function asked(
  facts: DrillFacts,
): readonly { readonly name: string; readonly steps: string[]; readonly found: string }[] {
  const { files, disks, host, isolated, port, agent, mounts, fromHost } = facts;
  const targets = disks.map(({ target }) => target);
  return [
    {
      name: 'Backup',
      steps: ['judge-backup'],
      found: `its ${files.length} files are what was written (SHA-256), and can be unpacked`,
    },
    {
      name: 'Restore',
      steps: targets.map((target) => `unpack-disk:${target}`),
      found: `${targets.join(', ')} on ${host}${host === fromHost ? ', where it was made' : ` (made on ${fromHost})`}`,
    },
    { name: 'Boot', steps: ['define-and-start', 'probe-address'], found: `it took its address ${isolated.address}` },
    { name: 'Ping', steps: ['probe-ping'], found: `${isolated.address} answers` },
    ...(port === null ? [] : [{ name: 'Port', steps: ['probe-port'], found: `${port} takes connections` }]),
    ...(agent ? [{ name: 'Guest agent', steps: ['probe-agent'], found: 'it answers' }] : []),
    ...(agent && mounts.length > 0
      ? [
          {
            name: 'Filesystems',
            steps: ['probe-filesystems'],
            found: `${mounts.join(', ')} ${mounts.length === 1 ? 'is' : 'are'} mounted, as in the VM`,
          },
        ]
      : []),
    {
      name: 'Data',
      steps: [
        ...targets.map((target) => `compare-data:${target}`),
        ...disks.flatMap(({ target, increments }) =>
          increments.map((_, index) => `compare-increment:${target}:${index + 1}`),
        ),
      ],
      found: `${targets.join(', ')} as restored: byte for byte what the backup holds (SHA-256)`,
    },
  ];
}

function checkOf(name: string, steps: readonly string[], found: string, journal: readonly JournalRow[]): DrillCheck {
  const events = journal.filter(({ step }) => steps.includes(step));
  const bad = events.find(({ event }) => event === 'failed');
  if (bad !== undefined && !NO_VERDICT.includes(bad.error?.code ?? 'bug'))
    return { name, result: 'failed', found: bad.error?.message ?? '' };
  const all = steps.every((each) => events.some(({ step, event }) => step === each && event === 'done'));
  return all ? { name, result: 'passed', found } : { name, result: 'not reached', found: bad?.error?.message ?? '' };
}

function leftBehind({ host }: DrillFacts, end: End): DrillCheck {
  const name = 'Taken down';
  return end === 'stuck'
    ? { name, result: 'failed', found: `something is left on ${host}: the operation is stuck` }
    : { name, result: 'passed', found: `nothing of it is left on ${host}` };
}

function verdictOf(
  measured: Pick<Drill, 'rpoMs' | 'rtoMs' | 'objectives'>,
  checks: readonly DrillCheck[],
  end: End,
  { error }: OperationRow,
): Pick<Drill, 'verdict' | 'reason'> {
  const failed = checks.find(({ name, result }) => result === 'failed' && name !== 'RPO' && name !== 'RTO');
  if (end === 'stuck') return { verdict: 'broken-off', reason: error?.message ?? failed?.found ?? null };
  if (failed !== undefined) return { verdict: 'failed', reason: failed.found };
  if (end === 'failed') return { verdict: 'broken-off', reason: error?.message ?? null };
  const over = missed(measured);
  return over.length === 0 ? { verdict: 'passed', reason: null } : { verdict: 'failed', reason: over.join('; ') };
}

/** Each step that was begun, with how it ended and what it took. */
function timelineOf({ plan }: OperationRow, journal: readonly JournalRow[], from: number): DrillMoment[] {
  return plan.steps.flatMap(({ name, title }): DrillMoment[] => {
    const events = journal.filter(({ step }) => step === name);
    const began = events.find(({ event }) => event === 'started');
    const ended = events.find(({ event }) => event === 'done' || event === 'failed' || event === 'unknown');
    if (began === undefined || ended === undefined) return [];
    return [
      {
        atMs: Math.max(0, began.at - from),
        tookMs: Math.max(0, ended.at - began.at),
        title,
        ended: ended.event === 'done' ? 'done' : 'failed',
      },
    ];
  });
}

/** The evidence as people read it. */
export function evidenceNotice(drill: Drill): Notice {
  const { team, vmName, verdict, reason, checks, timeline } = drill;
  const vm = `${team}/${vmName}`;
  return {
    tone: VERDICT_TONE[verdict],
    title: `DR drill of ${vm} ${VERDICT_WORDS[verdict]}`,
    ...(reason === null ? {} : { lines: [reason] }),
    facts: [
      { name: 'Backup', value: drill.backup },
      { name: 'Made on', value: drill.fromHost },
      { name: 'Restored on', value: drill.host },
      { name: 'Began', value: [{ at: drill.startedAt }] },
      { name: 'Asked by', value: drill.askedBy },
    ],
    table: {
      columns: ['Check', 'Result', 'Found'],
      rows: checks.map(({ name, result, found }) => [name, result, found === '' ? '–' : found]),
      empty: 'It is still under way.',
    },
    ...(timeline.length === 0 ? {} : { code: { label: 'Timeline', text: timelineText(timeline) } }),
    buttons: [
      { label: 'Drill again', press: { do: 'run', name: 'dr.drill', input: { vm } } },
      { label: 'Show drills', press: { do: 'run', name: 'dr.history', input: {} } },
    ],
    footer: `Drill ${drill.id}`,
  };
}

function timelineText(timeline: readonly DrillMoment[]): string {
  const clock = (ms: number) => {
    const seconds = Math.floor(ms / 1000);
    return `+${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  };
  return timeline
    .map(
      ({ atMs, tookMs, title, ended }) =>
        `${clock(atMs)}  ${formatSpan(tookMs).padStart(10)}  ${title}${ended === 'done' ? '' : ': failed'}`,
    )
    .join('\n');
}

/** A drill as scripts read it. */
export function drillJson(drill: Drill): Record<string, unknown> {
  const { vmName, ...rest } = drill;
  return { ...rest, vm: `${drill.team}/${vmName}` };
}
