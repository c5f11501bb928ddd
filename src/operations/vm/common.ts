import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { wantedAtFirst } from '../../domain/health.ts';
import type { DomainSeen } from '../../domain/inventory.ts';
import type { Fact } from '../../domain/notice.ts';
import { fullName, type Vm, type VmState, vmState } from '../../domain/vm.ts';
import type { End, ReadContext, Report } from '../spec.ts';
import type { Rows } from '../store.ts';
import { liveVm, VmRefText } from '../vm-ref.ts';

/** The VM that a command is about. */
export const VmField = VmRefText.meta({
  title: 'VM',
  description: 'team/name, or the name alone in its team',
  choices: 'vm',
  placeholder: 'web-01',
});
/** A VM in the trash. */
export const TrashedField = VmRefText.meta({
  title: 'VM',
  description: 'A deleted VM: team/name, or the name alone in its team',
  choices: 'vm-trashed',
});

/** Which one, where several of a name are in the trash. */
export const TrashedId = z
  .string()
  .regex(/^vm_[0-9A-Z]{26}$/, 'Give a VM’s id, such as vm_01J…: `/vm list --state trashed --json` shows it.')
  .optional()
  .meta({ title: 'Id', description: 'Its id, where several VMs of that name are in the trash; else the newest' });

/** What most operations on a VM need to know of it; part of their facts. */
export const VmFacts = z.object({
  vmId: z.string(),
  uuid: z.string(),
  host: z.string(),
  team: z.string(),
  name: z.string(),
});
export type VmFacts = z.infer<typeof VmFacts>;

export function factsOf(vm: Vm): VmFacts {
  return { vmId: vm.id, uuid: vm.uuid, host: vm.host, team: vm.team, name: vm.name };
}

/** The lock that every change of a VM takes. By id, so that it holds through a rename. */
export function vmLock(vm: { readonly id: string; readonly team: string; readonly name: string }): string {
  return `vm:${fullName(vm)}`;
}

/** What the host says of the VM's domain just now. Throws when the host doesn't answer. */
export async function lookAtDomain(vm: Vm, { fleet, driver }: ReadContext): Promise<DomainSeen | null> {
  const result = await fleet.run(vm.host, driver.domains.look(vm.uuid));
  if (result.outcome !== 'done') throw result.error;
  return result.value;
}

/** The VM and its domain's state. Throws where there is no such VM, or its host has lost it. */
export async function lookAtVm(text: string, context: ReadContext): Promise<{ readonly domain: DomainSeen }> {
  const vm = liveVm(context.rows, text, context.team);
  const domain = await lookAtDomain(vm, context);
  if (domain === null) {
    throw new BotError('wrong_state', `${fullName(vm)} is missing: host ${vm.host} knows no such domain`, {
      hint: 'Somebody removed it by hand. An admin can look with `virsh list --all` on the host.',
    });
  }
  return { domain };
}

/** The VM's one word, with what its host last said. */
export function stateOf(vm: Vm, rows: Rows): VmState {
  return vmState(vm, rows.hosts.find(vm.host)?.trouble === null);
}

/**
 * A stuck operation leaves its VM faulted: nothing but settling that operation may touch it. Any other end heals it.
 */
export function settleLife(rows: Rows, vmId: string, end: End): void {
  const vm = rows.vms.byId(vmId);
  if (vm === null) return;
  if (end === 'stuck') rows.vms.update(vmId, { life: 'faulted' });
  else if (vm.life === 'faulted') rows.vms.update(vmId, { life: 'live' });
}

/** What a change brought about goes into the row at once, so that lists needn't wait for the next sweep; and so it is wanted from now on. */
export function sawState(rows: Rows, vmId: string, state: DomainSeen['state'], reason: string, at: number): void {
  rows.vms.update(vmId, { seen: { state, reason, at } });
  rows.watch.update(vmId, { wanted: wantedAtFirst({ state, reason }), wantedAt: at, starts: [] });
}

/** What `awaitAddress` found; null for nothing, or where there was no such step. */
export function addressFrom(outputs: ReadonlyMap<string, unknown>): string | null {
  const found = z.object({ address: z.string() }).safeParse(outputs.get('await-address'));
  return found.success ? found.data.address : null;
}

/** Address and login line, for cards and `/vm show`. */
export function loginFacts(vm: Vm): Fact[] {
  if (vm.address === null) return [{ name: 'Address', value: 'none yet: see `/vm show` in a moment' }];
  return [
    { name: 'Address', value: vm.address },
    { name: 'Log in', value: [{ code: `ssh ${vm.login ?? 'root'}@${vm.address}` }] },
  ];
}

/** The buttons that a VM's cards end in. */
export function vmReport(vmId: string, rows: Rows, more: readonly Fact[] = []): Report {
  const vm = rows.vms.byId(vmId);
  if (vm === null || vm.life !== 'live') return { facts: more, buttons: [] };
  const input = { vm: fullName(vm) };
  return {
    facts: more,
    buttons: [
      { label: 'Show', press: { do: 'run', name: 'vm.show', input } },
      { label: 'Console', press: { do: 'run', name: 'vm.console', input } },
      { label: 'Restart', press: { do: 'run', name: 'vm.restart', input } },
      { label: 'Delete', press: { do: 'run', name: 'vm.delete', input }, style: 'danger' },
    ],
  };
}
