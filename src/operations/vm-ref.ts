import { z } from 'zod';
import { ago } from '../domain/ago.ts';
import { BotError } from '../domain/error.ts';
import { nameFault, nearest } from '../domain/names.ts';
import { fullName, type Vm } from '../domain/vm.ts';
import type { Rows } from './store.ts';

/** `web-01` in one's team, or `team-01/web-01`. */
export interface VmRef {
  readonly team: string | null;
  readonly name: string;
}

/** How people name a VM. */
export const VmRefText = z.string().superRefine((text, ctx) => {
  const parts = text.split('/');
  const fault =
    parts.length > 2
      ? `${JSON.stringify(text.slice(0, 60))} has more than one "/". Give team/name, such as team-01/web-01.`
      : ((parts.length === 2 ? nameFault('team name', parts[0] ?? '', 20) : undefined) ??
        nameFault('VM name', parts.at(-1) ?? '', 40));
  if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault });
});

export function splitRef(text: string, team: string | null): VmRef {
  const slash = text.indexOf('/');
  return slash < 0 ? { team, name: text } : { team: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** Who made the VM; null where there is none. For the question whether it is the actor's own. */
export function makerOf(rows: Rows, ref: VmRef, trashed: boolean): string | null {
  if (ref.team === null) return null;
  const inTrash = trashed ? rows.vms.trashed(ref.team, ref.name)[0] : undefined;
  const vm = inTrash ?? rows.vms.byName(ref.team, ref.name);
  return vm?.createdBy ?? null;
}

/** A team is needed to know which VM is meant. */
export function teamOf(ref: VmRef): string {
  if (ref.team !== null) return ref.team;
  throw new BotError('invalid_input', `Which team's ${ref.name}?`, {
    field: 'team',
    hint: `Write team/${ref.name}, add --team, or ask in the team's channel.`,
  });
}

/** The live VM. Throws `not_found` with near names, or with the way back where it lies in the trash. */
export function liveVm(rows: Rows, text: string, team: string | null): Vm {
  const ref = splitRef(text, team);
  const owner = teamOf(ref);
  const vm = rows.vms.byName(owner, ref.name);
  if (vm !== null) {
    if (vm.life === 'creating') {
      throw new BotError('wrong_state', `${fullName(vm)} is still being made`, {
        hint: 'Wait until its card says that it is ready.',
      });
    }
    if (vm.life === 'faulted') {
      throw new BotError('wrong_state', `${fullName(vm)} was left faulted by an operation that is stuck`, {
        hint: 'An admin must settle that operation first: see its card, or `/vm show`.',
      });
    }
    return vm;
  }
  const inTrash = rows.vms.trashed(owner, ref.name)[0];
  if (inTrash !== undefined) {
    throw new BotError('not_found', `${fullName(inTrash)} is in the trash`, {
      hint: `\`/vm restore ${fullName(inTrash)}\` brings it back.`,
    });
  }
  const near = nearest(
    ref.name,
    rows.vms.list(owner).map(({ name }) => name),
  );
  throw new BotError('not_found', `Team ${owner} has no VM ${ref.name}`, {
    field: 'vm',
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : '`/vm list` shows the team’s VMs.',
  });
}

/** The VM of that name in the trash: the newest, or the one of that id. */
export function trashedVm(rows: Rows, text: string, team: string | null, now: number, id?: string): Vm {
  const ref = splitRef(text, team);
  const owner = teamOf(ref);
  const vm = rows.vms.trashed(owner, ref.name).find((each) => id === undefined || each.id === id);
  if (vm !== undefined) return vm;
  if (rows.vms.byName(owner, ref.name) !== null) {
    throw new BotError('wrong_state', `${owner}/${ref.name} is not in the trash`, {
      field: 'vm',
      hint: `\`/vm delete ${owner}/${ref.name}\` puts it there.`,
    });
  }
  const others = rows.vms.trashed(owner, null).slice(0, 5);
  throw new BotError('not_found', `There is no ${owner}/${ref.name} in the trash`, {
    field: 'vm',
    hint:
      others.length === 0
        ? `The trash of team ${owner} is empty.`
        : `In the trash: ${others.map((each) => `${each.name} (${each.id}, ${ago(each.trashedAt ?? now, now)})`).join(', ')}.`,
  });
}
