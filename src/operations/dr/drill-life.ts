import type { Drill } from '../../domain/drill.ts';
import { formatSpan } from '../../domain/size.ts';
import type { End, Report } from '../spec.ts';
import type { Rows } from '../store.ts';
import { beginMade } from '../vm/backup/made-of.ts';
import { settleFindings } from '../vm/backup/reading.ts';
import { VERDICT_WORDS } from './common.ts';
import type { DrillFacts } from './drill-facts.ts';
import { evidenceNotice, outcomeOf } from './evidence.ts';

/** The row of the drill, and of the VM that is made for it. */
export function beginDrill(facts: DrillFacts, rows: Rows, now: number): void {
  beginMade(facts, rows, now);
  const { drillId, opId, of, team, backup, fromHost, host, objectives } = facts;
  rows.drills.insert({
    id: drillId,
    operationId: opId,
    vmId: of.vmId,
    vmName: of.name,
    team,
    backup,
    fromHost,
    host,
    objectives,
    verdict: 'running',
    reason: null,
    rpoMs: null,
    rtoMs: null,
    checks: [],
    timeline: [],
    askedBy: facts.createdBy,
    startedAt: now,
    endedAt: null,
  });
  for (const { vmId } of facts.also) rows.drills.want({ operationId: opId, vmId, person: facts.createdBy });
}

/** Evidence, whatever came of it: in the rows, in the audit, and in the team's channel. The VM that was made for it is no more. */
export function settleDrill(
  facts: DrillFacts,
  end: End,
  rows: Rows,
  outputs: ReadonlyMap<string, unknown>,
  now: number,
): void {
  settleFindings(facts, end, rows, outputs, now);
  if (end === 'stuck') rows.vms.update(facts.vmId, { life: 'faulted' });
  else rows.vms.forget(facts.vmId);
  const operation = rows.operations.byId(facts.opId);
  if (operation === null) return;
  const outcome = outcomeOf(facts, { end, operation, journal: rows.journal.of(facts.opId), outputs, now });
  rows.drills.end(facts.drillId, outcome);
  const drill = rows.drills.byId(facts.drillId);
  if (drill === null) return;
  tell(drill, facts.channel, end, rows);
  const { verdict, reason, rpoMs, rtoMs, objectives, checks } = drill;
  rows.audit.append(
    {
      kind: 'drill.ended',
      operationId: operation.id,
      actor: { person: operation.person, slack: operation.slack, role: operation.role, via: operation.origin.via },
      team: drill.team,
      subject: `vm:${drill.team}/${drill.vmName}`,
      host: drill.host,
      outcome: verdict,
      data: { drill: drill.id, backup: drill.backup, reason, rpoMs, rtoMs, objectives, checks },
    },
    now,
  );
}

/** Once for each end: one that was stuck may come to another. */
function tell(drill: Drill, to: string, end: End, rows: Rows): void {
  rows.post({ key: `drill:${drill.id}:${end}`, to, underOperation: null, notice: evidenceNotice(drill) });
}

export function reportDrill(facts: DrillFacts, rows: Rows): Report {
  const drill = rows.drills.byId(facts.drillId);
  if (drill === null) return { facts: [], buttons: [] };
  const { verdict, reason, rpoMs, rtoMs } = drill;
  const span = (ms: number | null) => (ms === null ? '–' : formatSpan(ms));
  return {
    facts: [
      { name: 'Drill', value: `${VERDICT_WORDS[verdict]}${reason === null ? '' : `: ${reason}`}` },
      { name: 'RPO', value: span(rpoMs) },
      { name: 'RTO', value: span(rtoMs) },
    ],
    buttons: [{ label: 'Show the evidence', press: { do: 'run', name: 'dr.report', input: { drill: drill.id } } }],
  };
}
