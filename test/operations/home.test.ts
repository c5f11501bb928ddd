import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../src/domain/notice.ts';
import { ALWAYS } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

const HOUR = 3_600_000;

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

async function home(as: string, page = 1): Promise<Notice> {
  const answer = await world.ask('hostler.home', { page }, as);
  if (answer.kind !== 'reading') throw new Error(JSON.stringify(answer));
  return answer.notice;
}
const labels = ({ buttons = [] }: Notice): string[] => buttons.map(({ label }) => label);
const factOf = ({ facts = [] }: Notice, name: string) => facts.find((fact) => fact.name === name)?.value;

describe('the Home tab', () => {
  it('has one’s teams’ VMs, with what can be started, the quota, and the uptime', async () => {
    await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
    await world.change('vm.shutdown', { vm: 'web-01' });
    const notice = await home('01-dev1');
    expect(notice.title).toBe('1 VM');
    expect(notice.table?.rows.map(([name, state]) => [name, state])).toEqual([['team-01/web-01', 'shutoff']]);
    expect(labels(notice)).toEqual(['Create a VM', 'Start team-01/web-01', 'Refresh']);
    expect(factOf(notice, 'Quota of team-01')).toMatch(/^1 of \d+ VMs, 1 of/);
    expect(factOf(notice, 'Hosts')).toBeUndefined();
    const other = await home('02-dev1');
    expect([other.title, other.table?.rows]).toEqual(['0 VMs', []]);
  });

  it('has the requests that one may decide, and no others', async () => {
    const rule = { when: { ...ALWAYS, kinds: ['vm.create'] }, from: 'lead', count: 1, validMs: 24 * HOUR } as const;
    Object.assign(world.settings, { approvals: [rule] });
    const asked = await world.ask('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
    if (asked.kind !== 'operation') throw new Error('no plan');
    const { id, digest } = asked.row;
    await world.service.press({ press: { do: 'accept', op: id, digest }, actor: world.actor('01-dev1') });
    const lead = await home('01-lead');
    expect(lead).toMatchObject({ tone: 'wait', title: '0 VMs, 1 request for you to decide' });
    expect(lead.buttons?.[0]).toMatchObject({ press: { do: 'approve', op: id, digest } });
    for (const person of ['01-dev1', '02-lead']) expect([person, (await home(person)).tone]).toEqual([person, 'plain']);
  });

  it('has the alerts of one’s teams, and what the schedule brings next', async () => {
    const open = (id: string, team: string | null, title: string) =>
      world.rows.incidents.insert({
        id,
        rule: 'vm-down',
        title,
        severity: 'critical',
        channel: null,
        team,
        openedAt: world.clock.now(),
        changedAt: world.clock.now(),
        resolvedAt: null,
        reopened: 0,
        ackedBy: null,
        ackedAt: null,
        assignee: null,
        escalatedAt: null,
        silencedUntil: null,
      });
    open('inc_1', 'team-01', 'VM is down');
    open('inc_2', null, 'Host is silent');
    const job = { summary: '', zone: 'UTC', next: { period: '2040-01', dueAt: Date.UTC(2040, 0, 1, 9) } };
    world.rows.schedule.declare([
      { ...job, job: 'dr-reminders', place: 'team-01', rule: 'each quarter on day 1 at 09:00' },
      { ...job, job: 'capacity-plan', place: 'team-02', rule: 'each month on day 1 at 09:00' },
      { ...job, job: 'sweep', place: '', rule: 'each minute' },
    ]);
    const mine = await home('01-dev1');
    expect(mine).toMatchObject({ tone: 'warn', title: '0 VMs, 1 open alert' });
    expect(factOf(mine, 'Next')).toEqual(['DR reminders ', { at: Date.parse('2040-01-01T09:00:00Z') }]);
    expect((await home('02-dev1')).title).toBe('0 VMs');
    const admin = await home('admin');
    expect(admin.title).toBe('0 VMs, 2 open alerts');
    expect(factOf(admin, 'Hosts')).toMatch(/^\d of \d answer/);
  });

  it('stays on its last page where there are fewer', async () => {
    expect((await home('01-dev1', 9)).title).toBe('0 VMs');
  });
});
