import { afterEach, expect, test } from 'vitest';
import { auditRows } from '../../src/infra/sqlite/audit.ts';
import {
  cardSays,
  cards,
  carryOut,
  endAll,
  type Place,
  place,
  plan,
  reply,
  textOf,
  waitUntil,
  whispered,
} from './kit.ts';

afterEach(endAll);

const CREATE = '/vm create web-01 --image tiny --flavor small';
const RULE = { when: { risk: ['disruptive'] }, from: 'lead' };

/** web-01 runs, and its deletion waits for a lead. */
async function asked(config: Record<string, unknown> = { approvals: [RULE] }) {
  const at = await place({ config });
  await carryOut(at, '01-dev1', CREATE, 'Create');
  const running = at.host.snapshot();
  const planned = await plan(at, '01-dev1', '/vm delete web-01');
  await at.server.as('01-dev1').click(planned, 'Delete');
  const card = await cardSays(at, planned, 'waiting for approval');
  return { at, card, running };
}
const outcomes = (at: Place, kind: string) =>
  at.audit({ kind }).map(({ actor, outcome }) => `${actor.person} ${outcome}`);

test('one’s own yes never counts, nor another team’s; a lead’s does', async () => {
  const { at, card, running } = await asked();
  const { server } = at;
  expect(textOf(card.blocks)).toContain(`<@${server.workspace.user('01-lead').id}>`);

  const own = await whispered(at, '01-dev1', () => server.as('01-dev1').click(card, 'Approve'));
  expect(own.text).toContain('lead');
  const stranger = await whispered(at, '02-dev1', () => server.as('02-dev1').click(card, 'Approve'));
  expect(stranger.text).toContain('team-01');
  const otherLead = await whispered(at, '02-lead', () => server.as('02-lead').click(card, 'Deny'));
  expect(otherLead.text).toContain('team-01');
  expect(at.host.snapshot()).toEqual(running);
  expect(outcomes(at, 'press.refused').sort()).toEqual(['01-dev1 forbidden', '02-dev1 forbidden', '02-lead forbidden']);

  await server.as('01-lead').click(card, 'Approve');
  const done = await cardSays(at, card, ': done');
  expect(textOf(done.blocks)).toContain('Approved by');
  expect(at.host.model.domains).toEqual([]);
  expect(outcomes(at, 'approval.approved')).toEqual(['01-lead approved']);
});

test('a lead’s own request needs another’s yes', async () => {
  const at = await place({ config: { approvals: [RULE] } });
  await carryOut(at, '01-dev1', CREATE, 'Create');
  const planned = await plan(at, '01-lead', '/vm delete web-01');
  await at.server.as('01-lead').click(planned, 'Delete');
  const card = await cardSays(at, planned, 'waiting for approval');
  const own = await whispered(at, '01-lead', () => at.server.as('01-lead').click(card, 'Approve'));
  expect(own.text).toContain('own request');
  await at.server.as('admin').click(card, 'Approve');
  await cardSays(at, planned, ': done');
});

test('denied: it ends, and the host is as it was', async () => {
  const { at, card, running } = await asked();
  await at.server.as('01-lead').click(card, 'Deny');
  const denied = await cardSays(at, card, 'denied');
  expect(textOf(denied.blocks)).toContain('Denied by');
  expect(at.host.snapshot()).toEqual(running);
  expect(outcomes(at, 'approval.denied')).toEqual(['01-lead denied']);
});

test('too late: the same message says that it has expired, and a yes does nothing any more', async () => {
  const { at, card, running } = await asked({ approvals: [{ ...RULE, valid: '1s' }] });
  await waitUntil('its time to be over', () => Date.now() > Number(card.edited?.ts ?? card.ts) * 1000 + 1500);
  await at.server.as('01-lead').click(card, 'Approve');
  const expired = await cardSays(at, card, 'expired');
  expect(expired.ts).toBe(card.ts);
  expect(at.host.snapshot()).toEqual(running);
});

test('the VM has changed meanwhile: the card turns stale and says what differs', async () => {
  const { at, card } = await asked();
  at.host.sh(['virsh', 'destroy', 'team-01-web-01']);
  const off = at.host.snapshot();
  await at.server.as('01-lead').click(card, 'Approve');
  const stale = await cardSays(at, card, 'superseded');
  expect(textOf(stale.blocks)).toMatch(/no longer fits: .*Shut down/s);
  expect(textOf(stale.blocks)).toContain('Ask again');
  expect(at.host.snapshot()).toEqual(off);
});

test('double clicks, two people at once and a redelivery are one operation', async () => {
  const at = await place({ config: { approvals: [RULE] } });
  const { server } = at;
  const dev = server.as('01-dev1');
  server.trouble.duplicate('slash_commands');
  const created = await plan(at, '01-dev1', CREATE);
  server.trouble.duplicate('interactive');
  await Promise.all([dev.click(created, 'Create'), dev.click(created, 'Create')]);
  await cardSays(at, created, ': done');
  await reply(at, created);

  const planned = await plan(at, '01-dev1', '/vm delete web-01');
  await Promise.all([dev.click(planned, 'Delete'), dev.click(planned, 'Delete')]);
  const card = await cardSays(at, planned, 'waiting for approval');
  server.trouble.duplicate('interactive');
  await Promise.all([
    server.as('01-lead').click(card, 'Approve'),
    server.as('admin').click(card, 'Approve'),
    server.as('01-lead').click(card, 'Approve'),
  ]);
  await cardSays(at, planned, ': done');
  await reply(at, planned);
  expect(cards(server)).toHaveLength(2);
  const steps = at.db((db) =>
    auditRows(db)
      .list({ limit: 500, kind: 'operation.step' })
      .filter(({ outcome, subject }) => outcome === 'started' && subject === 'vm:team-01/web-01')
      .map(({ operationId, data }) => `${operationId} ${data.step}`),
  );
  expect(new Set(steps).size).toBe(steps.length);
  expect(outcomes(at, 'approval.approved')).toHaveLength(1);
  expect(server.thread('team-01', planned.ts)).toHaveLength(2);
  expect(server.thread('team-01', created.ts)).toHaveLength(2);
});
