import { BotError } from '../../domain/error.ts';
import { nameFault } from '../../domain/names.ts';
import { amountsOf } from '../../domain/quota.ts';
import { formatSize } from '../../domain/size.ts';
import { fullName } from '../../domain/vm.ts';
import { flavorFor, isSized, networkFor } from '../importable.ts';
import type { Draft, PlanContext } from '../spec.ts';
import type { AdoptInput } from './adopt.ts';
import { adoptableDisks } from './adopt-disks.ts';
import type { AdoptFacts } from './adopt-facts.ts';
import type { AdoptLook } from './adopt-look.ts';
import { vmLock } from './common.ts';
import { teamNamed } from './flavor-of.ts';
import { powerOf } from './power.ts';

/** The plan of an adoption: all that stands in its way said, what was found shown, and counted. */
export function planAdoption(input: AdoptInput, context: PlanContext, looked: AdoptLook): Draft<AdoptFacts> {
  const { settings, rows, actor } = context;
  const { domain, definition, kept } = looked;
  const { uuid, name: domainName } = domain;
  const no = (why: string, hint: string): BotError =>
    new BotError('wrong_state', `${domainName} can’t be adopted: ${why}`, { hint });
  const team = teamNamed(settings, input.team);
  const known = rows.vms.byUuid(uuid);
  if (known !== null) {
    const where = { trashed: ', which is in the trash', purged: ', which was purged' };
    const more = known.life === 'trashed' || known.life === 'purged' ? where[known.life] : ' already';
    throw new BotError('already_exists', `${domainName} is ${fullName(known)}${more}`, {
      field: 'domain',
      hint:
        more === ' already'
          ? `See \`/vm show ${fullName(known)}\`.`
          : 'What bears its UUID is a copy of it: define that with a UUID of its own.',
    });
  }
  if (definition.kind === 'unreadable') throw no(definition.why, 'See `virsh dumpxml` on the host.');
  const { marks } = definition;
  if (marks !== null) {
    throw no(
      `it bears Hostler’s marks, as ${marks.vm} (${marks.team}/${marks.name})`,
      `If it is a copy of that VM, take them off on ${input.host}: virsh metadata ${uuid} --config --uri https://hostler.dev/xmlns/domain/1 --remove`,
    );
  }
  if (!kept.persistent)
    throw no('libvirt keeps no definition of it: it is gone when it is off', 'Define it first: `virsh define`.');
  if (!isSized(definition)) throw no('its size can’t be read', 'See `virsh dumpxml` on the host.');
  const names = { team: team.name, name: nameFor(input, domainName) };
  refuseTaken(names, domainName, context);
  const [nic, ...more] = definition.nics;
  if (nic === undefined)
    throw no('it has no network interface on a network of libvirt’s or a bridge', 'Give it one on the host first.');
  const macOf = rows.vms.byMac(nic.mac);
  if (macOf !== null)
    throw no(
      `its MAC ${nic.mac} is that of ${fullName(macOf)}`,
      'Two guests with one MAC disturb each other: change it.',
    );
  const disks = adoptableDisks(input.host, looked, context, no);
  const { vcpus, memoryBytes } = definition;
  const network = networkFor(settings, nic.source);
  const vmId = context.mint('vm', 'vm-id');
  const on = powerOf(domain.state) !== 'off';
  return {
    facts: {
      vmId,
      uuid,
      host: input.host,
      ...names,
      domainName,
      state: domain.state,
      on,
      vcpus,
      memoryBytes,
      flavor: flavorFor(settings, vcpus, memoryBytes),
      network,
      mac: nic.mac,
      autostart: kept.autostart,
      disks,
      adoptedBy: actor.person,
    },
    title: `Adopt ${domainName} as ${fullName(names)}`,
    verb: 'Adopt',
    team: team.name,
    subject: `vm:${fullName(names)}`,
    host: input.host,
    vmId,
    risk: 'safe',
    locks: [vmLock({ id: vmId, ...names }), `domain:${input.host}/${uuid}`],
    adds: amountsOf([{ vcpus, memoryBytes, disks }]),
    notes: [
      `Found: ${vcpus} vCPU, ${formatSize(memoryBytes)} of memory, ${on ? domain.state : 'off'}${kept.autostart ? ', starts with its host' : ''}.`,
      ...disks.map(
        ({ target, vg, volume, sizeBytes, kind }) =>
          `Disk ${target}: ${vg}/${volume}, ${formatSize(sizeBytes)}, ${kind}.`,
      ),
      ...definition.disks
        .filter(({ written }) => !written)
        .map(({ target, path }) => `${target}: ${path}, read only; it stays as it is, and is not kept in snapshots.`),
      ...[nic, ...more].map(
        ({ mac, source }) =>
          `NIC: ${mac} on ${'network' in source ? `network ${source.network}` : `bridge ${source.bridge}`}.`,
      ),
      ...(more.length > 0 ? ['Hostler looks after its first NIC alone.'] : []),
      ...(looked.devices.passedThrough > 0
        ? ['A device of the host is passed through to it: it can have no snapshots.']
        : []),
      'It goes on as it is. The domain keeps its name until `/vm rename`, its volumes keep theirs.',
      `From then on it is the team’s: who may may shut it down, resize and delete it, and a purge removes its volumes.`,
    ],
  };
}

/** The one that was asked for; else the domain's, without the team before it. */
function nameFor(input: AdoptInput, domainName: string): string {
  if (input.name !== undefined) return input.name;
  const before = `${input.team}-`;
  const name = domainName.startsWith(before) ? domainName.slice(before.length) : domainName;
  const fault = nameFault('VM name', name, 40);
  if (fault === undefined) return name;
  throw new BotError('invalid_input', `${domainName} is no name that a VM can have. ${fault}`, {
    field: 'name',
    hint: 'Say how it shall be called: `--name web-01`.',
  });
}

function refuseTaken(
  names: { readonly team: string; readonly name: string },
  domainName: string,
  { rows }: PlanContext,
): void {
  const existing = rows.vms.byName(names.team, names.name);
  if (existing !== null) {
    throw new BotError('already_exists', `${fullName(existing)} exists already`, {
      field: 'name',
      hint: 'Give it another name: `--name`.',
    });
  }
  const other = rows.vms.byDomainName(domainName);
  if (other !== null) {
    throw new BotError(
      'already_exists',
      `The domain of ${fullName(other)} on ${other.host} is called ${domainName} too`,
      {
        field: 'domain',
        hint: 'Name this one otherwise on its host first: `virsh domrename`.',
      },
    );
  }
}
