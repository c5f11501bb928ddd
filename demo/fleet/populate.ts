/** Puts planned VMs onto a host's model, as Hostler itself would have made them: definition, marks, volumes, seed. */
import { opTag, vmTag } from '../../src/domain/marks.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import type { DomainVerbs } from '../../src/operations/driver.ts';
import { chanceOf } from './chance.ts';
import { normalise } from './model/domain-xml.ts';
import { start } from './model/domains.ts';
import { factsOf } from './model/facts.ts';
import type { Domain, DomainFacts, HostModel } from './model/host-model.ts';
import { makeHostModel } from './model/make-host.ts';
import { mintLvmUuid } from './model/mint.ts';
import { parseXml, printXml } from './model/xml.ts';
import { runTool } from './run-tool.ts';
import { FLAVORS, type FleetFlavor, type HostPlan, IMAGES, type VmPlan } from './vm-plan.ts';

const DAY = 86_400_000;
const SEED_DIR = '/var/lib/hostler/seed';
const SEED_BYTES = 36_864;
/** How a guest behaves that is made on a fleet: it boots and shuts down in seconds, as people wait for it. */
const GUEST = { leaseMs: 6_000, agentMs: 9_000, shutdownMs: 3_000 };

/** One definition per flavor, cut where what is a VM's own stands. */
interface Mould {
  readonly parts: readonly string[];
  readonly blanks: readonly Blank[];
  readonly facts: DomainFacts;
}
/** What stands in a mould for a VM's own values. */
const BLANKS = ['@id@', '@op@', '@uuid@', '@domain@', '@team@', '@name@', '@mac@', '@volume@'] as const;
type Blank = (typeof BLANKS)[number];
type Moulds = ReadonlyMap<string, Mould>;

/** The definitions' moulds, made by the product's own driver from the simulated virt-install. */
export function makeMoulds(now: number): Moulds {
  const scratch = makeHostModel({ name: 'mould', now });
  const { domains } = makeDriver();
  return new Map(FLAVORS.map((flavor) => [flavor.name, mouldOf(flavor, domains, scratch, now)]));
}

function mouldOf(flavor: FleetFlavor, domains: DomainVerbs, scratch: HostModel, now: number): Mould {
  const { vcpus, memoryBytes } = flavor;
  const ask = domains.template({ osinfo: 'debian11', vcpus, memoryBytes });
  const ran = ask.commands.map(({ argv }) => ({ ...runTool(scratch, argv, { now }), line: argv.join(' '), ms: 0 }));
  const filled = domains.fillTemplate(ask.parse(ran), {
    op: '@op@',
    vm: '@id@',
    uuid: '@uuid@',
    domainName: '@domain@',
    team: '@team@',
    name: '@name@',
    vcpus,
    memoryBytes,
    disks: [
      { target: 'vda', path: '/dev/cloudvg/@volume@', source: 'block', device: 'disk', readonly: false },
      { target: 'vdz', path: `${SEED_DIR}/@id@.img`, source: 'file', device: 'disk', readonly: true },
    ],
    nics: [{ mac: '@mac@', source: { network: 'default' } }],
    boot: ['disk'],
  });
  const xml = normalise(parseXml(filled), { uuid: () => '@uuid@', mac: () => '@mac@' });
  const pieces = printXml(xml).split(/(@[a-z]+@)/);
  const blanks = pieces.filter((_, at) => at % 2 === 1).map((piece) => BLANKS.find((it) => it === piece));
  return {
    parts: pieces.filter((_, at) => at % 2 === 0),
    blanks: blanks.filter((it) => it !== undefined),
    facts: factsOf(xml),
  };
}

/** A host with all its VMs. Most run; some are off. `now` is the host's clock. */
export function populatedHost(plan: HostPlan, moulds: Moulds, now: number): HostModel {
  const { hardware } = plan;
  const model = makeHostModel({ name: plan.name, ...hardware, images: IMAGES, guest: GUEST, now });
  const upDays = 3 + Math.floor(chanceOf(`${plan.name} up`) * 200);
  model.bootedAt = now - upDays * DAY;
  for (const vm of plan.vms) addVm(model, vm, moulds, now);
  return model;
}

function addVm(model: HostModel, vm: VmPlan, moulds: Moulds, now: number): void {
  const mould = moulds.get(vm.flavor.name);
  if (mould === undefined) throw new RangeError(`there is no mould for ${vm.flavor.name}`);
  const volume = `${vm.id.replaceAll('_', '-').toLowerCase()}-d0`;
  const values: Readonly<Record<Blank, string>> = {
    '@id@': vm.id,
    '@op@': vm.op,
    '@uuid@': vm.uuid,
    '@domain@': `${vm.team}-${vm.name}`,
    '@team@': vm.team,
    '@name@': vm.name,
    '@mac@': vm.mac,
    '@volume@': volume,
  };
  addStorage(model, vm, volume);
  const domain: Domain = {
    uuid: vm.uuid,
    name: values['@domain@'],
    persistent: true,
    autostart: false,
    state: 'shut off',
    reason: 'shutdown',
    xml: poured(mould, values),
    facts: factsFor(mould.facts, vm, volume),
    live: null,
    managedSave: false,
    snapshots: [],
    guest: { ...model.guestDefaults },
  };
  model.domains.push(domain);
  // One in twelve is off: a fleet where everything runs is a fleet of a brochure.
  if (chanceOf(`${vm.id} off`) < 1 / 12) return;
  const since = Math.min(now - model.bootedAt, Math.floor(chanceOf(`${vm.id} since`) * 40 * DAY) + DAY);
  start(model, domain, now - since, false);
}

function poured({ parts, blanks }: Mould, values: Readonly<Record<Blank, string>>): string {
  let text = parts[0] ?? '';
  for (const [at, blank] of blanks.entries()) text += `${values[blank]}${parts[at + 1] ?? ''}`;
  return text;
}

function factsFor(facts: DomainFacts, vm: VmPlan, volume: string): DomainFacts {
  const [system, seed] = facts.disks;
  const [nic] = facts.nics;
  if (system === undefined || seed === undefined || nic === undefined) throw new RangeError('the mould lacks devices');
  return {
    ...facts,
    title: `${vm.team}/${vm.name}`,
    disks: [
      { ...system, source: `/dev/cloudvg/${volume}` },
      { ...seed, source: `${SEED_DIR}/${vm.id}.img` },
    ],
    nics: [{ ...nic, mac: vm.mac }],
  };
}

function addStorage(model: HostModel, vm: VmPlan, volume: string): void {
  const used = Math.floor(vm.flavor.diskBytes * (0.1 + chanceOf(`${vm.id} used`) * 0.5));
  model.volumes.push({
    vg: 'cloudvg',
    name: volume,
    uuid: mintLvmUuid(model),
    kind: 'thin',
    sizeBytes: vm.flavor.diskBytes,
    pool: 'thinpool',
    origin: null,
    tags: [opTag(vm.op), vmTag(vm.id)],
    active: true,
    skipActivation: false,
    createdAt: vm.createdAt,
    mappedBytes: used,
    ownBytes: used,
    metadataPercent: 0,
    content: `disk of ${vm.id}`,
    whenFull: 'queue',
  });
  model.files[`${SEED_DIR}/${vm.id}.img`] = {
    kind: 'file',
    owner: model.user,
    mode: '0644',
    changedAt: vm.createdAt,
    sizeBytes: SEED_BYTES,
    // Not held: 10,000 of them would be hundreds of MiB, and nobody reads them.
    base64: null,
    content: `seed of ${vm.id}`,
    image: null,
  };
}
