import { afterEach, expect, it } from 'vitest';
import type { Notice } from '../../src/domain/notice.ts';
import { plainText } from '../../src/domain/notice.ts';
import { readNotice } from '../../src/domain/notice-schema.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { GiB, MiB } from '../../src/domain/size.ts';
import { ALWAYS } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const LEAD: Settings['approvals'] = [
  { when: { ...ALWAYS, kinds: ['vm.create'] }, from: 'lead', count: 1, validMs: 3_600_000 },
];
const INPUT = { name: 'tour-01-dev1', image: 'tiny', flavor: 'small' };

const words = ({ title, lines = [] }: Notice): string =>
  [title, ...lines.map((line) => plainText(line, String))].join('\n');

/** What the tour has sent to somebody, oldest first. */
function told(person = '01-dev1'): Notice[] {
  const slack = world.settings.people.find(({ name }) => name === person)?.slack;
  return world.db
    .prepare(
      "select notice_json from outbox where wanted = ? and (key like 'tour:%' or key like 'welcome:%') order by id",
    )
    .pluck()
    .all(`@${slack}`)
    .flatMap((json) => readNotice(JSON.parse(String(json))) ?? []);
}
const titles = (person?: string) => told(person).map(({ title }) => title);

/** Asks for the VM and presses Create; its row. */
async function create(as = '01-dev1', input: Record<string, unknown> = INPUT) {
  const planned = await world.ask('vm.create', input, as);
  if (planned.kind !== 'operation') throw new Error(JSON.stringify(planned));
  const { id, digest } = planned.row;
  await world.service.press({ press: { do: 'accept', op: id, digest }, actor: world.actor(as) });
  return { id, digest };
}
const vote = (what: 'approve' | 'deny', { id, digest }: { id: string; digest: string }) =>
  world.service.press({ press: { do: what, op: id, digest }, actor: world.actor('01-lead') });

it('goes on by itself as each step is done, and ends with what was done', async () => {
  world = await makeWorld({ settings: { approvals: LEAD } });
  const begun = await world.ask('hostler.tour', {});
  expect(begun).toMatchObject({ kind: 'reading', json: { state: 'on', step: 'create', team: 'team-01' } });
  const line = words(told()[0] ?? { tone: 'bad', title: 'nothing' });
  expect(line).toContain('/vm create tour-01-dev1 --image tiny --flavor small');
  expect(line).toContain('#team-01');

  const asked = await create();
  expect(titles().at(-1)).toMatch(/^Step 2 of \d: a second person’s yes$/);
  expect(words(told()[1] ?? { tone: 'bad', title: '' })).toContain('01-lead');
  await vote('approve', asked);
  await world.service.follow(asked.id, 'end');
  expect(titles().at(-1)).toMatch(/^Step 3 of \d: restart it$/);
  expect(words(told()[2] ?? { tone: 'bad', title: '' })).toContain('/vm restart team-01/tour-01-dev1');

  await world.change('vm.restart', { vm: 'tour-01-dev1' });
  expect(titles().at(-1)).toMatch(/look at the audit$/);
  // A member may not read it: the text says who may, and another team's lead is none of them.
  expect(words(told()[3] ?? { tone: 'bad', title: '' })).toContain('01-lead or admin');
  await world.ask('audit.search', { vm: 'team-01/tour-01-dev1' }, '02-lead');
  expect(titles()).toHaveLength(4);
  await world.ask('audit.search', { vm: 'team-01/tour-01-dev1' }, '01-lead');
  expect(titles()).toHaveLength(5);
  await world.ask('hostler.tour', { go: 'skip' });
  expect(titles().at(-1)).toBe('That was the tour');
});

it('has nobody approve where no rule asks for it', async () => {
  world = await makeWorld();
  await world.ask('hostler.tour', {});
  const { id } = await create();
  await world.service.follow(id, 'end');
  expect(titles()).toEqual([expect.stringContaining('create a VM'), expect.stringContaining('restart it')]);
});

it('goes back to the beginning when the create is denied, and takes the next one', async () => {
  world = await makeWorld({ settings: { approvals: LEAD } });
  await world.ask('hostler.tour', {});
  await vote('deny', await create());
  expect(titles().at(-1)).toContain('create a VM');
  const second = await create();
  expect(titles().at(-1)).toContain('a second person’s yes');
  await vote('approve', second);
  await world.service.follow(second.id, 'end');
  expect(titles()).toHaveLength(5);
});

it('skips one step with one press, however often it is pressed; and begins anew', async () => {
  world = await makeWorld();
  await world.ask('hostler.tour', {});
  await world.ask('hostler.tour', { go: 'skip', step: 'create' });
  await world.ask('hostler.tour', { go: 'skip', step: 'create' });
  expect(await world.ask('hostler.tour', {})).toMatchObject({
    json: { step: 'restart', skipped: ['create', 'approve'] },
  });
  world.clock.advance(10_000);
  await world.ask('hostler.tour', { go: 'again' });
  await world.ask('hostler.tour', { go: 'again' });
  expect(await world.ask('hostler.tour', {})).toMatchObject({ json: { step: 'create', skipped: [] } });
  expect(titles()).toHaveLength(3);
});

it('what was done while the bot was away is seen when it is back', async () => {
  world = await makeWorld();
  await world.ask('hostler.tour', {});
  const row = world.rows.tours.find('01-dev1');
  const { id } = await create();
  await world.service.follow(id, 'end');
  if (row !== null) world.rows.tours.save(row);
  (await world.restart()).resume();
  expect(world.rows.tours.find('01-dev1')).toMatchObject({ step: 'restart', operationId: id });
});

it('offers a name that is free', async () => {
  world = await makeWorld();
  await create();
  await world.ask('hostler.tour', {});
  expect(words(told()[0] ?? { tone: 'bad', title: '' })).toContain('/vm create tour-01-dev1-2 ');
});

it('says so where no image is there', async () => {
  world = await makeWorld({
    images: false,
    settings: { flavors: [{ name: 'small', vcpus: 1, memoryBytes: 128 * MiB, diskBytes: GiB }] },
  });
  await world.ask('hostler.tour', {});
  expect(words(told()[0] ?? { tone: 'bad', title: '' })).toContain('/image add');
});

it('a lead looks at the audit alone; one tour leaves another alone', async () => {
  world = await makeWorld();
  for (const person of ['01-lead', '02-lead']) {
    await world.ask('hostler.tour', {}, person);
    await world.ask('hostler.tour', { go: 'skip' }, person);
    await world.ask('hostler.tour', { go: 'skip' }, person);
  }
  await world.ask('audit.show', {}, '01-lead');
  expect(titles('01-lead')).toHaveLength(4);
  expect(titles('02-lead')).toHaveLength(3);
});

it('welcomes each person once, and nobody who has nothing to do here', async () => {
  world = await makeWorld();
  const dev = world.actor('01-dev1');
  world.service.greet(dev);
  world.service.greet(dev);
  expect(titles()).toEqual(['Welcome to Hostler']);
  world.service.greet({ ...dev, slack: 'USTRANGER', teams: new Map() });
  expect(world.db.prepare("select count(*) from outbox where wanted = '@USTRANGER'").pluck().get()).toBe(0);
});
