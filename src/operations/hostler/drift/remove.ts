import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import type { VolumeSeen } from '../../../domain/inventory.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize } from '../../../domain/size.ts';
import { fullName } from '../../../domain/vm.ts';
import { findDrift } from '../../drift/find.ts';
import { strangersOn, strangerWith } from '../../drift/strangers.ts';
import type { DefinitionSeen } from '../../mark-verbs.ts';
import { reportOf } from '../../observe.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { purgeVolume } from '../../steps/volumes.ts';

const KEY = /^volume:([a-z][a-z0-9-]*)\/([A-Za-z0-9_.+-]+)\/([A-Za-z0-9_.+-]+)$/;

const Input = z.strictObject({
  what: z
    .string()
    .max(200)
    .regex(KEY, 'Give the key of a volume as `/hostler drift` lists it, such as volume:kvm-1/cloudvg/trash-vm-01-d0.')
    .meta({
      title: 'What',
      description: 'The key of a volume, as `/hostler drift` lists it',
      placeholder: 'volume:kvm-1/cloudvg/trash-vm-01-d0',
    }),
});
type Input = z.infer<typeof Input>;

const Facts = z.object({ key: z.string(), host: z.string(), vg: z.string(), volume: z.string(), tag: z.string() });
type Facts = z.infer<typeof Facts>;

export const hostlerDriftRemove = defineChange({
  name: 'hostler.drift.remove',
  summary: 'Remove a volume that Hostler made and nobody has any more',
  details:
    'Only one that bears Hostler’s mark, that nothing holds open, and that is no domain’s disk. What somebody else made is theirs to remove. There is no way back.',
  input: Input,
  positional: ['what'],
  permission: 'platform',
  risk: 'destructive',
  examples: ['/hostler drift remove volume:kvm-1/cloudvg/trash-vm-01-d0'],
  facts: Facts,
  look,
  plan,
  steps: ({ host, vg, volume, tag }, driver) => [purgeVolume({ driver, host }, { vg, name: volume, tag })],
  begin: () => undefined,
  settle: ({ key }, end, rows) => {
    if (end === 'succeeded') rows.drift.forgetKnown(key);
  },
});

function partsOf({ what }: Input): { readonly host: string; readonly vg: string; readonly volume: string } {
  const [, host = '', vg = '', volume = ''] = KEY.exec(what) ?? [];
  return { host, vg, volume };
}

/** A fresh report, and whose disk it might be of the domains that Hostler doesn't know. */
async function look(input: Input, context: ReadContext): Promise<readonly DefinitionSeen[]> {
  const { host } = partsOf(input);
  if (!context.settings.hosts.some(({ name }) => name === host))
    throw new BotError('not_found', `There is no host ${host}`, { field: 'what' });
  return strangersOn(host, await reportOf(context, host), context);
}

function plan(input: Input, context: PlanContext, strangers: readonly DefinitionSeen[]): Draft<Facts> {
  const { rows, settings, now } = context;
  const { host, vg, volume } = partsOf(input);
  const name = `${vg}/${volume}`;
  const finding = findDrift(rows, settings, now).find(({ key }) => key === input.what);
  const seen = rows.hosts.find(host)?.observation?.volumes?.find((each) => each.vg === vg && each.name === volume);
  if (finding === undefined || seen === undefined) {
    throw new BotError('not_found', `${name} on ${host} is no volume that nobody has`, {
      field: 'what',
      hint: '`/hostler drift --kind volume` lists those that there are.',
    });
  }
  const no = (why: string, hint: string): BotError => new BotError('wrong_state', `${name} ${why}`, { hint });
  const tag = seen.tags.find((each) => each.startsWith('hostler.'));
  if (tag === undefined)
    throw no('bears no mark of Hostler', `If nobody needs it, remove it on the host: lvremove ${name}`);
  if (seen.open) throw no('is held open', `Find out by what: \`lsblk\` on ${host}.`);
  const stranger = strangerWith(strangers, { vg, volume });
  if (stranger !== undefined)
    throw no(`is a disk of domain ${stranger}`, 'Adopt the domain with `/vm adopt`, or undefine it first.');
  refuseLost(seen, host, context, no);
  return {
    facts: { key: input.what, host, vg, volume, tag },
    title: `Remove volume ${name} of ${host}`,
    verb: 'Remove',
    team: null,
    subject: `drift:${input.what}`,
    host,
    vmId: null,
    risk: 'destructive',
    locks: [`drift:${input.what}`],
    adds: NOTHING,
    notes: [`${formatSize(seen.sizeBytes)} of disk are removed for good.`],
  };
}

/** A volume of a VM that misses one may be just that, under another name. */
function refuseLost(
  { tags }: VolumeSeen,
  host: string,
  { rows }: PlanContext,
  no: (why: string, hint: string) => BotError,
): void {
  const there = new Set(rows.hosts.find(host)?.observation?.volumes?.map(({ vg, name }) => `${vg}/${name}`));
  for (const tag of tags) {
    const vm = rows.vms.byId(tag.replace(/^hostler\.vm\./, ''));
    const lost = vm?.disks.find(({ vg, volume }) => !there.has(`${vg}/${volume}`));
    if (vm === null || lost === undefined) continue;
    throw no(
      `bears the mark of ${fullName(vm)}, whose disk ${lost.target} (${lost.vg}/${lost.volume}) is gone: it may be that one`,
      `If it is, name it back on ${host}: lvrename.`,
    );
  }
}
