import { expect } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import type { OperationRow } from '../../src/operations/store.ts';
import type { World } from './world.ts';

type Input = Readonly<Record<string, unknown>>;

/** Requests to a world, each with the answer that a test counts on; else it fails and says what came instead. */
export function asking(world: () => World) {
  /** Carried out, and succeeded. */
  async function done(name: string, input: Input, as?: string): Promise<OperationRow> {
    const ended = await world().change(name, input, as);
    expect([name, ended.state, ended.error]).toEqual([name, 'succeeded', null]);
    return ended;
  }
  async function planned(name: string, input: Input): Promise<OperationRow> {
    const asked = await world().ask(name, input);
    if (asked.kind !== 'operation') throw new Error(`${name} made no plan: ${JSON.stringify(asked)}`);
    return asked.row;
  }
  /** `code: message. hint`; or the kind of answer that is no refusal. */
  async function refused(name: string, input: Input): Promise<string> {
    const asked = await world().ask(name, input);
    return asked.kind === 'refused' ? `${asked.error.code}: ${asked.error.message}. ${asked.error.hint}` : asked.kind;
  }
  async function reading(name: string, input: Input) {
    const asked = await world().ask(name, input);
    if (asked.kind !== 'reading') throw new Error(`${name} was not read: ${JSON.stringify(asked)}`);
    return asked;
  }
  /** What the card's Undo asks for. */
  function undoOf({ id }: OperationRow): { readonly name: string; readonly input: Input } {
    const press = world()
      .service.card(id)
      ?.buttons?.find(({ label }) => label === 'Undo')?.press;
    if (press?.do !== 'run') throw new Error('no Undo on the card');
    return press;
  }
  /** The first host, with team-01/web-01 on it, whose agent answers. */
  async function beginWithVm(): Promise<SimHost> {
    await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
    const [host] = world().hosts;
    if (host === undefined) throw new Error('no host');
    host.domain('team-01-web-01').guest.agentMs = 0;
    return host;
  }
  return { done, planned, refused, reading, undoOf, beginWithVm };
}
