import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { HostName, TeamName, VmName } from '../../domain/names.ts';
import { fullName } from '../../domain/vm.ts';
import { undoBy } from '../snapshot/before-change.ts';
import { defineChange } from '../spec.ts';
import { markDomain, markVolume } from '../steps/marks.ts';
import { AdoptFacts } from './adopt-facts.ts';
import { lookForAdoption } from './adopt-look.ts';
import { planAdoption } from './adopt-plan.ts';
import { beginBirth, settleBirth } from './birth.ts';
import { sawState, vmReport } from './common.ts';

const Input = z.strictObject({
  domain: z
    .string()
    .min(1)
    .max(200)
    .meta({ title: 'Domain', description: 'Its name on the host, or its UUID', placeholder: 'legacy-web' }),
  host: HostName.meta({ title: 'Host', description: 'The host that it is on', choices: 'host' }),
  team: TeamName.meta({ title: 'Team', description: 'The team that it shall belong to', choices: 'team' }),
  name: VmName.optional().meta({
    title: 'Name',
    description: 'Its name in the team, where it shall be another than the domain’s',
    placeholder: 'web-01',
  }),
});
export type AdoptInput = z.infer<typeof Input>;

export const vmAdopt = defineChange({
  name: 'vm.adopt',
  summary: 'Make a VM of a domain that somebody made on a host without Hostler',
  details:
    'It goes on as it is, running or not: Hostler writes its marks into the domain’s metadata and onto its volumes, and counts it in the team’s quota. The domain keeps its name until `/vm rename`, its volumes theirs. `/hostler drift` lists what can be adopted.',
  input: Input,
  positional: ['domain'],
  permission: 'platform',
  risk: 'safe',
  examples: [
    '/vm adopt legacy-web --host kvm-1 --team team-01',
    '/vm adopt legacy-web --host kvm-1 --team team-01 --name web-01',
  ],
  facts: AdoptFacts,
  look: lookForAdoption,
  plan: planAdoption,
  // The domain last: it is by its marks that a sweep would take it for a VM.
  steps: (facts, driver, _settings, opId) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    const { vmId: vm, team, name, domainName } = facts;
    const domain = domainName === `${team}-${name}` ? {} : { domain: domainName };
    return [
      ...facts.disks.map(({ vg, volume }) => markVolume(at, { vg, name: volume }, { op: opId, vm })),
      markDomain(at, { op: opId, vm, team, name, ...domain }, domainName, facts.on),
    ];
  },
  begin: (facts, rows, now) => {
    const taken =
      rows.vms.byUuid(facts.uuid) ??
      rows.vms.byName(facts.team, facts.name) ??
      rows.vms.byDomainName(facts.domainName) ??
      rows.vms.byMac(facts.mac);
    if (taken !== null) throw new BotError('already_exists', `There is ${fullName(taken)} meanwhile`);
    const { vmId: id, uuid, team, name, domainName, host, vcpus, memoryBytes, flavor, network, mac } = facts;
    const machine = { uuid, team, name, domainName, host, vcpus, memoryBytes, flavor, network, mac };
    const { disks, autostart, adoptedBy: createdBy } = facts;
    // Nobody may touch it before it bears its marks.
    beginBirth(rows, { id, ...machine, image: null, login: null, disks, seed: null, autostart, createdBy }, now);
  },
  settle: (facts, end, rows, _outputs, now) => {
    if (!settleBirth(rows, facts.vmId, end, null)) return;
    rows.drift.forget(facts.host, facts.uuid);
    // What it is when it comes to us, its team wants it to be.
    sawState(rows, facts.vmId, facts.state, '', now);
  },
  report: (facts, rows) => {
    const report = vmReport(facts.vmId, rows, [
      { name: 'VM', value: fullName(facts) },
      { name: 'Host', value: facts.host },
    ]);
    return { ...report, buttons: [undoBy('vm.release', { vm: fullName(facts) }), ...report.buttons] };
  },
});
