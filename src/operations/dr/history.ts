import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import { ago } from '../../domain/ago.ts';
import type { Drill } from '../../domain/drill.ts';
import { formatSpan } from '../../domain/size.ts';
import { defineRead, type ReadContext } from '../spec.ts';
import { VmField } from '../vm/common.ts';
import { splitRef, teamOf } from '../vm-ref.ts';
import { drillJson } from './evidence.ts';

/** A message shows so many; a script gets all. */
const MOST = 30;

export const drHistory = defineRead({
  name: 'dr.history',
  summary: 'List drills: of a VM, or of all the team’s',
  details: 'Also those of VMs that are gone. `/dr report` shows one’s evidence.',
  input: z.strictObject({ vm: VmField.optional() }),
  positional: ['vm'],
  permission: 'view',
  examples: ['/dr history', '/dr history web-01'],
  read: async ({ vm }, context) => {
    const found = vm === undefined ? mayList(context) : ofVm(vm, context);
    const now = context.clock.now();
    return {
      notice: {
        tone: 'plain',
        title: `${vm === undefined ? 'Drills' : `Drills of ${vm}`}: ${found.length}`,
        ...(found.length > MOST ? { lines: [`The newest ${MOST} are shown.`] } : {}),
        table: {
          columns: ['VM', 'When', 'Verdict', 'RPO', 'RTO', 'Host', 'Why', 'Drill'],
          rows: found.slice(0, MOST).map((drill) => rowOf(drill, now)),
          empty: 'No drill yet. `/dr drill --random` begins one.',
        },
        buttons: [
          {
            label: 'Drill',
            press: { do: 'open', name: 'dr.drill', input: vm === undefined ? { random: true } : { vm } },
            style: 'primary',
          },
          { label: 'Show the plan', press: { do: 'run', name: 'dr.plan', input: {} } },
        ],
      },
      json: found.map(drillJson),
    };
  },
});

function rowOf({ id, team, vmName, startedAt, verdict, rpoMs, rtoMs, host, reason }: Drill, now: number): string[] {
  const span = (ms: number | null) => (ms === null ? '–' : formatSpan(ms));
  return [`${team}/${vmName}`, ago(startedAt, now), verdict, span(rpoMs), span(rtoMs), host, reason ?? '–', id];
}

function mayList({ rows, settings, actor, team, all }: ReadContext): readonly Drill[] {
  if (team !== null && !all) return rows.drills.list(team);
  const teams = new Set(
    settings.teams.filter(({ name }) => decide(actor, 'view', name).allowed).map(({ name }) => name),
  );
  return rows.drills.list(null).filter((drill) => teams.has(drill.team));
}

/** Of the VM that has the name now, and of those that had it then. */
function ofVm(text: string, { rows, team }: ReadContext): readonly Drill[] {
  const ref = splitRef(text, team);
  const owner = teamOf(ref);
  const id = rows.vms.byName(owner, ref.name)?.id;
  return rows.drills.list(owner).filter(({ vmId, vmName }) => vmId === id || vmName === ref.name);
}
