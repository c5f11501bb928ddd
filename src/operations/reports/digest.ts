import type { Button, Notice, Text } from '../../domain/notice.ts';
import { hasEnded, STATE_WORDS } from '../../domain/plan.ts';
import { poolOf } from '../../domain/pool.ts';
import type { Settings, Team } from '../../domain/settings.ts';
import { vmState } from '../../domain/vm.ts';
import type { OperationRow, Rows } from '../store.ts';

const DAY_MS = 86_400_000;
const MOST_LINES = 8;
/** A pool fuller than this is told of. */
const POOL_PERCENT = 80;

/** What happened in a team since yesterday, and what waits; null when there is nothing to tell. */
export function teamDigest(rows: Rows, team: Team, now: number): Notice | null {
  const ended = rows.operations
    .recent({ team: team.name, vmId: null, limit: 500 })
    .filter((row) => hasEnded(row.state) && (row.endedAt ?? row.updatedAt) > now - DAY_MS);
  const waiting = openApprovals(rows, team.name);
  const stuck = stuckOf(rows, team.name);
  const states = new Map<string, number>();
  for (const vm of rows.vms.list(team.name)) {
    const answers = rows.hosts.find(vm.host)?.trouble === null;
    const state = vmState(vm, answers);
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  const odd = ['faulted', 'missing', 'crashed', 'paused', 'unknown'].flatMap((state) => {
    const count = states.get(state) ?? 0;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  if (ended.length === 0 && waiting.length === 0 && stuck.length === 0 && odd.length === 0) return null;
  return {
    tone: stuck.length > 0 || odd.length > 0 ? 'warn' : 'plain',
    title: `The last day of team ${team.name}`,
    lines: [
      ...(odd.length === 0 ? [] : [`Look at these VMs: ${odd.join(', ')}.`]),
      ...waitingLines(waiting),
      ...listed(stuck, 'stuck, an admin must settle it'),
      ...endedLines(ended),
    ],
    facts: [
      { name: 'VMs', value: [...states].map(([state, count]) => `${count} ${state}`).join(', ') || 'none' },
      { name: 'Changes since yesterday', value: counts(ended) },
    ],
    buttons: buttons(waiting.length > 0, 'vm.list', 'Show VMs'),
  };
}

/** The same for admins: hosts and what is stuck, over all teams. */
export function fleetDigest(rows: Rows, settings: Settings, now: number): Notice | null {
  const silent = settings.hosts.flatMap(({ name }) => {
    const trouble = rows.hosts.find(name)?.trouble ?? null;
    return trouble === null ? [] : [`${name} does not answer: ${trouble}`];
  });
  const full = settings.hosts.flatMap((host) => {
    const seen = rows.hosts.find(host.name)?.observation ?? null;
    const pool = seen === null ? undefined : poolOf(host, seen);
    const [data, metadata] = [pool?.dataPercent ?? 0, pool?.metadataPercent ?? 0];
    return Math.max(data, metadata) < POOL_PERCENT
      ? []
      : [`${host.name}: its thin pool is ${data} % full (metadata ${metadata} %)`];
  });
  const ended = settings.teams
    .flatMap(({ name }) => rows.operations.recent({ team: name, vmId: null, limit: 500 }))
    .filter((row) => hasEnded(row.state) && (row.endedAt ?? row.updatedAt) > now - DAY_MS);
  const waiting = openApprovals(rows, null);
  const stuck = stuckOf(rows, null);
  if ([silent, full, ended, waiting, stuck].every((part) => part.length === 0)) return null;
  return {
    tone: silent.length + full.length + stuck.length > 0 ? 'warn' : 'plain',
    title: 'The last day of all teams',
    lines: [
      ...silent.slice(0, MOST_LINES),
      ...full.slice(0, MOST_LINES),
      ...listed(stuck, 'stuck: its card has the buttons'),
      ...waitingLines(waiting),
    ],
    facts: [
      { name: 'Hosts', value: `${settings.hosts.length - silent.length} of ${settings.hosts.length} answer` },
      { name: 'Changes since yesterday', value: counts(ended) },
    ],
    buttons: buttons(waiting.length > 0, 'host.list', 'Show hosts'),
  };
}

function openApprovals(rows: Rows, team: string | null): readonly OperationRow[] {
  return rows.approvals
    .open()
    .flatMap(({ operationId }) => rows.operations.byId(operationId) ?? [])
    .filter((row) => team === null || row.team === team);
}

function stuckOf(rows: Rows, team: string | null): readonly OperationRow[] {
  return rows.operations.inState(['stuck']).filter((row) => team === null || row.team === team);
}

function waitingLines(waiting: readonly OperationRow[]): string[] {
  if (waiting.length === 0) return [];
  const titles = waiting.slice(0, MOST_LINES).map(({ plan, person }) => `${plan.title} (${person})`);
  return [`Waiting for approval: ${titles.join('; ')}${waiting.length > MOST_LINES ? ' …' : ''}.`];
}

function listed(rows: readonly OperationRow[], what: string): Text[] {
  return rows.slice(0, MOST_LINES).map((row): Text => [{ bold: row.plan.title }, `: ${what} (`, { code: row.id }, ')']);
}

/** Those that did not go well, one by one. */
function endedLines(ended: readonly OperationRow[]): Text[] {
  const bad = ended.filter(({ state }) => state === 'failed');
  return bad
    .slice(0, MOST_LINES)
    .map((row): Text => [`${row.plan.title}: ${STATE_WORDS[row.state]}. `, row.error?.message ?? '']);
}

function counts(ended: readonly OperationRow[]): string {
  const by = new Map<string, number>();
  for (const { state } of ended) by.set(STATE_WORDS[state], (by.get(STATE_WORDS[state]) ?? 0) + 1);
  return [...by].map(([state, count]) => `${count} ${state}`).join(', ') || 'none';
}

function buttons(waits: boolean, list: string, label: string): Button[] {
  return [
    ...(waits ? [{ label: 'Show approvals', press: { do: 'run', name: 'approval.list', input: {} } } as const] : []),
    { label, press: { do: 'run', name: list, input: {} } },
  ];
}
