/** A create's clone, seed and definition go to the host in one round trip; what each has done is told apart. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { foldJournal, standing } from '../../src/operations/journal.ts';
import type { OperationRow } from '../../src/operations/store.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const input = { name: 'web-01', image: 'tiny', flavor: 'small' };
/** How the steps that act stand, by the beginning of their names. */
function standings({ id, plan }: OperationRow) {
  const fold = foldJournal(world.rows.journal.of(id));
  const of = (begin: string) => {
    const step = plan.steps.find(({ name }) => name.startsWith(begin));
    return standing(fold, step?.name ?? '');
  };
  return [of('clone-volume'), of('write-file'), of('define-and-start')];
}

it('takes one exec, and the journal and the audit hold each step’s own commands', async () => {
  const [host] = world.hosts;
  if (host === undefined) throw new Error('no host');
  const execs = vi.spyOn(host, 'exec');
  const row = await world.change('vm.create', input);
  expect(row.state).toBe('succeeded');
  const [clone, seed, define] = standings(row);
  expect([clone, seed, define].map((it) => it?.done)).toEqual([true, true, true]);
  const tools = [clone, seed, define].map((it) =>
    it?.last?.ran.map(({ line }) => /\b(lvcreate|lvextend|dd|mv|virsh)\b/.exec(line)?.[1]),
  );
  expect(tools).toEqual([['lvcreate', 'lvextend'], ['dd', 'mv'], ['virsh']]);
  const changing = execs.mock.calls.filter(([, script]) => /\b(lvcreate|of=|define)\b/.test(script));
  expect(changing).toHaveLength(1);
});

it('a refusal in the middle takes back what stood before it, and nothing of what did not begin', async () => {
  world.hosts[0]?.trouble.add({ match: /dd of=/, when: 'before', kind: 'fail' });
  const row = await world.change('vm.create', input);
  expect([row.state, row.error?.message]).toEqual(['failed', expect.stringMatching(/^Write .*seed.* failed on kvm-1/)]);
  const [clone, seed, define] = standings(row);
  expect([clone?.undone, seed?.undone, define?.started, define?.last]).toEqual([true, true, false, null]);
});

it.each([
  ['lvcreate', 'after'],
  ['lvextend', 'before'],
  ['lvextend', 'midway'],
] as const)('a clone that is cut off (%s, %s) is made anew, and the whole goes on', async (tool, when) => {
  const [host] = world.hosts;
  host?.trouble.add({ match: new RegExp(`${tool} .*vm-`), when, kind: 'cut' });
  const row = await world.change('vm.create', input);
  expect([row.state, row.error]).toEqual(['succeeded', null]);
  const [disk] = world.rows.vms.byName('team-01', 'web-01')?.disks ?? [];
  const volume = host?.model.volumes.find(({ name }) => name === disk?.volume);
  expect(volume?.sizeBytes).toBe(disk?.sizeBytes);
});
