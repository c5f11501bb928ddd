import { z } from 'zod';
import { type Judgement, judge, type UseOfVm } from '../../domain/idle.ts';
import { quantile } from '../../domain/robust.ts';
import type { Flavor } from '../../domain/settings.ts';
import { formatSize } from '../../domain/size.ts';
import { diskBytes, fullName, type Vm } from '../../domain/vm.ts';
import type { Clock } from '../ports.ts';
import { defineRead } from '../spec.ts';
import type { Rows } from '../store.ts';
import { teamsToShow } from '../vm/list.ts';

const DAY_MS = 86_400_000;
/** Looked at so far back. */
const DAYS = 14;

export interface Idle {
  readonly vm: Vm;
  readonly use: UseOfVm;
  readonly found: Judgement;
}

export const capacityIdle = defineRead({
  name: 'capacity.idle',
  summary: 'Find VMs that nobody uses, and ones that are larger than they need to be',
  details: `By what hosts and guests measured in the last ${DAYS} days; 95 of 100 hours were below the numbers shown. What a VM is for, its team knows.`,
  input: z.strictObject({}),
  positional: [],
  permission: 'view',
  examples: ['/capacity idle', '/capacity idle --all'],
  read: async (_input, context) => {
    const { rows, settings, clock } = context;
    const teams = teamsToShow(context);
    const all = (await Promise.all(teams.map((team) => idleVms(rows, settings.flavors, team, clock)))).flat();
    const found = all.filter(({ found: { kind } }) => kind === 'off' || kind === 'unused' || kind === 'oversized');
    const unknown = all.filter(({ found: { kind } }) => kind === 'too-little-known').length;
    const back = found.reduce((sum, idle) => sum + givesBack(idle).memoryBytes, 0);
    return {
      notice: {
        tone: 'plain',
        title:
          found.length === 0
            ? 'No idle VM was found'
            : `${found.length} of ${all.length} VMs are idle or too large: ${formatSize(back)} of memory could be had back`,
        lines:
          unknown === 0
            ? []
            : [`Of ${unknown} VMs too little is measured yet: it takes seven days, and hosts that answer.`],
        table: {
          columns: ['VM', 'Finding', 'CPU', 'Memory', 'Network', 'Has', 'Would do'],
          rows: found.map(({ vm, use, found: judged }) => [
            fullName(vm),
            WORDS[judged.kind],
            use.cpu === null ? '–' : `${use.cpu.toFixed(1)} % of ${vm.vcpus}`,
            use.memory === null ? '–' : `${use.memory.toFixed(0)} % of ${formatSize(vm.memoryBytes)}`,
            use.net === null ? '–' : `${formatSize(Math.round(use.net))}/s`,
            `${vm.vcpus} vCPU, ${formatSize(vm.memoryBytes)}, ${formatSize(diskBytes(vm))} disk`,
            judged.kind === 'oversized' ? `${judged.flavor.name}, with its own disk` : 'delete, or keep',
          ]),
          empty: 'Each VM that was measured long enough is used.',
        },
        buttons: found.slice(0, 5).map(({ vm }) => ({
          label: `Show ${fullName(vm)}`.slice(0, 70),
          press: { do: 'run', name: 'vm.show', input: { vm: fullName(vm) } } as const,
        })),
      },
      json: found.map(({ vm, use, found: judged }) => ({
        name: fullName(vm),
        team: vm.team,
        host: vm.host,
        finding: judged.kind,
        ...use,
        flavor: judged.kind === 'oversized' ? judged.flavor.name : null,
      })),
    };
  },
});

const WORDS: Readonly<Record<Judgement['kind'], string>> = {
  off: `off for ${DAYS} days`,
  unused: 'runs, and does nothing',
  oversized: 'too large',
  used: 'used',
  'too-little-known': 'not known',
};

/** Every live VM of a team, with what is thought of it. Gives way now and then, for a team may have hundreds. */
export async function idleVms(
  rows: Rows,
  flavors: readonly Flavor[],
  team: string,
  clock: Clock,
): Promise<readonly Idle[]> {
  const found: Idle[] = [];
  for (const vm of rows.vms.list(team).filter(({ life }) => life === 'live')) {
    const use = useOf(rows, vm, clock.now());
    found.push({ vm, use, found: judge(use, flavors) });
    if (found.length % 20 === 0) await clock.sleep(0);
  }
  return found;
}

/** What could be had back by doing something about it. */
export function givesBack({ vm, found }: Idle): { readonly vcpus: number; readonly memoryBytes: number } {
  if (found.kind === 'oversized')
    return { vcpus: vm.vcpus - found.flavor.vcpus, memoryBytes: vm.memoryBytes - found.flavor.memoryBytes };
  return found.kind === 'off' || found.kind === 'unused'
    ? { vcpus: vm.vcpus, memoryBytes: vm.memoryBytes }
    : { vcpus: 0, memoryBytes: 0 };
}

function useOf(rows: Rows, vm: Vm, now: number): UseOfVm {
  const hours = rows.samples.series('vm', vm.id, 60, now - DAYS * DAY_MS, now).map(({ values }) => values);
  const high = (values: readonly (number | null | undefined)[]): number | null => {
    const known = values.filter((value) => value !== null && value !== undefined);
    return known.length === 0 ? null : quantile(known, 0.95);
  };
  const net = hours.map(({ net_rx, net_tx }) =>
    net_rx === null || net_rx === undefined ? null : net_rx + (net_tx ?? 0),
  );
  return {
    vcpus: vm.vcpus,
    memoryBytes: vm.memoryBytes,
    hours: hours.filter(({ up }) => up !== null).length,
    hoursUp: hours.filter(({ up }) => (up ?? 0) > 0).length,
    cpu: high(hours.map(({ cpu }) => cpu)),
    memory: high(hours.map(({ memory }) => memory)),
    net: high(net),
  };
}
