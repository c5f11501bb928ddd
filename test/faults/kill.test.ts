import { afterEach, describe, expect, test } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import type { Message } from '../../demo/slack/model/types.ts';
import { cards, endAll, type Place, place, plan, reply, waitUntil } from '../e2e/kit.ts';

afterEach(endAll);

/** The command that each step of these two sends, and so the moment in which it is met. A host for each, so that one kill meets all. */
const CREATE = {
  clone: / lvcreate .*-s/,
  seed: / dd /,
  define: /define --file/,
  start: / start /,
  address: / domifaddr /,
} as const;
const DELETE = { clone: / shutdown /, seed: / undefine /, define: / lvrename /, start: / mv .*\.trash/ } as const;
const HOSTS = ['clone', 'seed', 'define', 'start', 'address'] as const;

/** Each host has a channel of its own: Slack lets one message a second into each. */
async function prepare(): Promise<Place> {
  const at = await place({ hosts: HOSTS.map((name) => ({ name })) });
  for (const name of HOSTS)
    at.server.addChannel({ name: `side-${name}`, members: ['01-dev1', at.server.app.botUserId] });
  return at;
}

const ENDS = /: (done|rolled back|stuck)/;

interface Met {
  readonly host: SimHost;
  readonly card: Message;
}

/** One operation on each host, each in trouble at another step; resolves when all are in it. */
async function meet(
  at: Place,
  steps: Partial<Record<(typeof HOSTS)[number], RegExp>>,
  trouble: { readonly when: 'before' | 'midway' | 'after'; readonly kind: 'hang' | 'cut' },
  line: (host: string) => string,
  button: string,
): Promise<Met[]> {
  const met = await Promise.all(
    at.hosts
      .filter(({ name }) => Object.hasOwn(steps, name))
      .map(async (host) => {
        const card = await plan(at, '01-dev1', line(host.name), `side-${host.name}`);
        const match = steps[HOSTS.find((name) => name === host.name) ?? 'clone'];
        const armed = host.trouble.add({ ...(match === undefined ? {} : { match }), ...trouble });
        await at.server.as('01-dev1').click(card, button);
        return { host, card, armed };
      }),
  );
  for (const { host, armed } of met) await waitUntil(`trouble on ${host.name}`, () => armed.fired() === 1);
  return met;
}

/** It ended, well or taken back, and was told once: one card, one reply. True when well. */
async function expectToldOnce(at: Place, { host, card }: Met): Promise<boolean> {
  const end = await at.server.waitFor(
    () => at.server.messages({ id: card.channel }).find(({ ts, text }) => ts === card.ts && ENDS.test(text)),
    { deadline: 20_000, what: () => `the end on ${host.name}: ${at.bot().log().slice(-2000)}` },
  );
  await reply(at, card);
  const title = end.text.split(':')[0] ?? '';
  const shown = cards(at.server, `side-${host.name}`).filter(({ ts, text }) => ts >= card.ts && text.startsWith(title));
  expect(shown).toHaveLength(1);
  expect(at.server.thread({ id: card.channel }, card.ts)).toHaveLength(2);
  return end.text.includes(': done');
}

/** Whole life of a VM on each host, with trouble at each step of create and of delete. */
async function lifeWith(kind: 'hang' | 'cut', when: 'before' | 'midway' | 'after'): Promise<void> {
  const at = await prepare();
  const before = at.hosts.map((host) => host.snapshot());
  const again = async (): Promise<void> => {
    if (kind !== 'hang') return;
    expect(await at.kill('SIGKILL')).toBe('SIGKILL');
    await at.start();
  };
  const created = await meet(
    at,
    CREATE,
    { when, kind },
    (host) => `/vm create vm-${host} --image tiny --flavor small --team team-01 --host ${host}`,
    'Create',
  );
  await again();
  for (const one of created) {
    // A clone that was made and not yet grown is taken back; all else is finished.
    if (!(await expectToldOnce(at, one))) {
      expect([one.host.name, when]).not.toEqual(['clone', 'before']);
      expect(one.host.name).toBe('clone');
      expect(one.host.snapshot()).toEqual(before[0]);
      const again = `/vm create vm-clone --image tiny --flavor small --team team-01 --host clone`;
      const card = await plan(at, '01-dev1', again, 'side-clone');
      await at.server.as('01-dev1').click(card, 'Create');
      expect(await expectToldOnce(at, { host: one.host, card })).toBe(true);
    }
  }
  for (const host of at.hosts) {
    const seen = host.snapshot();
    expect(seen.domains, host.name).toMatchObject([expect.stringMatching(/ running( |$)/)]);
    const old = before[at.hosts.indexOf(host)];
    expect(seen.volumes, host.name).toHaveLength((old?.volumes.length ?? 0) + 1);
    expect(seen.files, host.name).toHaveLength((old?.files.length ?? 0) + 1);
  }

  const deleted = await meet(at, DELETE, { when, kind }, (host) => `/vm delete team-01/vm-${host}`, 'Delete');
  await again();
  for (const one of deleted) expect(await expectToldOnce(at, one), one.host.name).toBe(true);
  for (const { host } of deleted) expect(host.snapshot().domains, host.name).toEqual([]);

  const admin = ['run', '--yes', '--json', '--'] as const;
  expect((await at.cli([...admin, 'vm', 'delete', 'team-01/vm-address'])).exit).toBe(0);
  const purged = await Promise.all(HOSTS.map((host) => at.cli([...admin, 'vm', 'purge', `team-01/vm-${host}`])));
  expect(purged.map(({ exit }) => exit)).toEqual(HOSTS.map(() => 0));
  expect(at.hosts.map((host) => host.snapshot())).toEqual(before);
  expect(at.hosts.flatMap((host) => host.unknown())).toEqual([]);
  expect(at.db((db) => db.prepare('select count(*) from lock').pluck().get())).toBe(0);
  expect(await at.cli(['audit', 'verify'])).toMatchObject({ exit: 0 });
}

describe('each step of create and of delete', () => {
  test.each(['before', 'midway', 'after'] as const)(
    'the bot is killed %s it',
    (when) => lifeWith('hang', when),
    60_000,
  );
  test.each(['before', 'midway', 'after'] as const)('the link is cut %s it', (when) => lifeWith('cut', when), 60_000);
});
