import { z } from 'zod';
import { freeOf, headRoom, type Measures, placeMany, RESOURCES, type Resource } from '../../domain/capacity.ts';
import { BotError } from '../../domain/error.ts';
import type { Fact, Text } from '../../domain/notice.ts';
import { type Amounts, add, NOTHING } from '../../domain/plan.ts';
import type { Flavor, Settings } from '../../domain/settings.ts';
import { formatSize } from '../../domain/size.ts';
import { dateIn } from '../../domain/zone-time.ts';
import { candidatesFor } from '../candidates.ts';
import { refreshBriefly } from '../observe.ts';
import { defineRead } from '../spec.ts';
import { wantsOf } from '../vm/create-look.ts';
import { flavorOf } from '../vm/flavor-of.ts';
import { epochDay, fleetParts } from './gather.ts';
import { amountText, outlookName, outlookOf, outlookText } from './outlook.ts';

/** More at once is another question. */
const MOST = 500;
const PATTERN = /^(\d{1,3})\s*[x×]\s*([a-z][a-z0-9-]*)$/i;

const Input = z.strictObject({
  add: z
    .array(z.string().regex(PATTERN, 'Give a number and a flavor, such as 10xmedium.'))
    .min(1)
    .meta({ title: 'Add', description: 'How many of which flavor: 10xmedium', placeholder: '10xmedium' }),
});

export const capacityPlan = defineRead({
  name: 'capacity.plan',
  summary: 'Show where more VMs would go, and when the fleet would run out with them',
  details: 'They are placed one after the other as `/vm create` would place them; nothing is made or held.',
  input: Input,
  positional: [],
  permission: 'view',
  examples: ['/capacity plan --add 10xmedium', '/capacity plan --add 4xlarge --add 10xsmall'],
  read: async (input: z.infer<typeof Input>, context) => {
    const { rows, settings, clock } = context;
    const asked = wishes(input.add, settings);
    await refreshBriefly(
      context,
      settings.hosts.map(({ name }) => name),
    );
    const candidates = candidatesFor(rows, settings, { only: null, opId: '', lacks: () => [] });
    const wanted = asked.flatMap(({ flavor, count }) =>
      new Array<Amounts>(count).fill(wantsOf(flavor, flavor.diskBytes)),
    );
    const { hosts, stopped } = placeMany(candidates, wanted, settings.placement.weigh);
    const fitting = wanted.slice(0, hosts.length).reduce(add, NOTHING);
    const all = wanted.reduce(add, NOTHING);
    const today = epochDay(dateIn(clock.now(), settings.timezone));
    const outlooks = outlookOf(rows, 'fleet', today, amountsBy(all));
    const parts = fleetParts(rows, settings);
    const seen = parts.hosts.flatMap(({ name, measures }) => (measures === null ? [] : [{ name, measures }]));
    const after = seen.map(({ name, measures }) => {
      const here = wanted.filter((_, index) => hosts[index] === name).reduce(add, NOTHING);
      return { name, vms: here.vms, measures: withMore(measures, here) };
    });
    const room = headRoom(after);
    const words = asked.map(({ flavor, count }) => `${count} × ${flavor.name}`).join(' and ');
    const missing = room === null ? [] : RESOURCES.filter((each) => room[each].free < 0);
    return {
      notice: {
        tone: stopped !== null ? 'bad' : missing.length > 0 ? 'warn' : 'good',
        title:
          stopped === null ? `${words}: all ${wanted.length} fit` : `${words}: ${hosts.length} of ${wanted.length} fit`,
        lines: [
          ...(stopped === null ? [] : [stopped.message, ...(stopped.hint === undefined ? [] : [stopped.hint])]),
          ...(room === null || missing.length === 0
            ? []
            : [
                `With them the fleet could not bear the loss of its largest host: ${missing
                  .map(
                    (each) =>
                      `${amountText(each, -room[each].free)} too little ${NAMES[each]} without ${room[each].without}`,
                  )
                  .join(', ')}.`,
              ]),
          ...(outlooks.length === 0 ? ['No day is on record yet, so nobody can tell when it will run out.'] : []),
          ...outlooks.map((line): Text => [{ bold: `${outlookName(line)} with them: ` }, outlookText(line)]),
        ],
        facts: takes(all),
        table: {
          columns: ['Host', 'New VMs', 'vCPUs left', 'Memory left', 'Disk left'],
          rows: after.map(({ name, vms, measures }) => [
            name,
            String(vms),
            ...RESOURCES.map((each) => amountText(each, freeOf(measures[each]))),
          ]),
          empty: 'No host was seen yet.',
        },
      },
      json: {
        asked: asked.map(({ flavor, count }) => ({ flavor: flavor.name, count })),
        fit: hosts.length,
        adds: fitting,
        stopped: stopped === null ? null : { code: stopped.code, message: stopped.message },
        hosts: after.map(({ name, vms, measures }) => ({
          name,
          vms,
          free: Object.fromEntries(RESOURCES.map((each) => [each, freeOf(measures[each])])),
        })),
        headRoom: room,
        outlook: outlooks.map(({ past: _past, forecast: made, ...line }) => ({ ...line, days: made.days })),
      },
    };
  },
});

const NAMES: Readonly<Record<Resource, string>> = { vcpus: 'vCPUs', memory: 'memory', disk: 'disk' };

function wishes(texts: readonly string[], settings: Settings): { readonly flavor: Flavor; readonly count: number }[] {
  const asked = texts.map((text) => {
    const [, count, name] = PATTERN.exec(text) ?? [];
    return { flavor: flavorOf(settings, (name ?? '').toLowerCase()), count: Number(count) };
  });
  const total = asked.reduce((sum, { count }) => sum + count, 0);
  if (total < 1 || total > MOST) {
    throw new BotError('invalid_input', `${total} VMs can’t be planned at once`, {
      field: 'add',
      hint: `Give 1 to ${MOST}, such as 10xmedium.`,
    });
  }
  return asked;
}

function amountsBy({ vcpus, memoryBytes, diskBytes }: Amounts): Readonly<Record<Resource, number>> {
  return { vcpus, memory: memoryBytes, disk: diskBytes };
}

function withMore(measures: Measures, more: Amounts): Measures {
  const by = amountsBy(more);
  const of = (each: Resource) => ({ ...measures[each], allocated: measures[each].allocated + by[each] });
  return { vcpus: of('vcpus'), memory: of('memory'), disk: of('disk') };
}

function takes(all: Amounts): Fact[] {
  return [
    { name: 'vCPUs', value: String(all.vcpus) },
    { name: 'Memory', value: formatSize(all.memoryBytes) },
    { name: 'Disk', value: formatSize(all.diskBytes) },
  ];
}
