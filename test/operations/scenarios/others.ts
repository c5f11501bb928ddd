/** All else. */
import { makeDriver } from '../../../src/infra/driver.ts';
import { lookAtHost } from '../../../src/operations/observe.ts';
import { TEST_KEY } from '../../kit/settings.ts';
import type { World } from '../../kit/world.ts';
import { create, expectDone, type Scenarios } from './kit.ts';

const IN_A_MONTH = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
const ALERT = 'inc_01J0000000000000000000000';
/** An alert that is open, as an evaluation leaves it. */
const alerted = async (world: World) => {
  world.rows.incidents.insert({
    id: ALERT,
    rule: 'vm-down',
    title: 'VM is down',
    severity: 'critical',
    channel: 'team-01',
    team: 'team-01',
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
};

export const OTHERS: Scenarios = {
  'dr.postpone': { 'of one’s team': { input: { until: IN_A_MONTH, reason: 'moving' }, as: '01-lead' } },
  'host.maintenance': { 'of a host': { input: { host: 'kvm-1', for: '1h' }, as: 'admin' } },
  'alert.ack': { open: { input: { alert: ALERT }, prepare: alerted } },
  'alert.assign': { open: { input: { alert: ALERT, person: '01-dev2' }, prepare: alerted } },
  'alert.silence': {
    'an alert': { input: { what: ALERT, for: '2h' }, prepare: alerted },
    'a VM': { input: { what: 'web-01', for: '2h' }, prepare: create },
  },
  'alert.unsilence': {
    'a rule': {
      input: { what: 'vm-down' },
      as: 'admin',
      prepare: async (world) => void (await world.ask('alert.silence', { what: 'vm-down' }, 'admin')),
    },
  },
  'hostler.drift.ignore': {
    'a domain that is no VM': {
      input: { what: 'domain:kvm-1/u' },
      as: 'admin',
      prepare: async (world) => {
        const deps = { ...world, driver: makeDriver() };
        await lookAtHost(deps, 'kvm-1');
        world.rows.drift.save({ host: 'kvm-1', uuid: 'u', domainName: 'legacy', reason: 'no marks', lookedAt: 0 });
      },
    },
  },
  'hostler.drift.remove': {
    'a volume that is left over': {
      input: { what: 'volume:kvm-1/cloudvg/trash-old' },
      as: 'admin',
      prepare: async (world) => {
        const tag = 'hostler.vm.vm_01J00000000000000000000000';
        const argv = ['lvcreate', '-y', '-V', '4194304b', '--thinpool', 'thinpool', '-n', 'trash-old'];
        world.hosts[0]?.sh([...argv, '--addtag', tag, 'cloudvg']);
        // What an operation did a moment ago, the host has not told yet.
        world.clock.advance(60_000);
        await lookAtHost({ ...world, driver: makeDriver() }, 'kvm-1');
      },
    },
  },
  'hostler.schedule.run': {
    'a job that is there': {
      input: { job: 'sweep' },
      as: 'admin',
      prepare: async (world) => {
        const next = { period: '2040-01-01T00:00Z', dueAt: Date.UTC(2040, 0, 1) };
        const job = { job: 'sweep', place: '', summary: 'Ask each host', zone: 'UTC', rule: 'each minute', next };
        world.rows.schedule.declare([job]);
      },
    },
  },
  'hostler.key.add': { first: { input: { name: 'laptop', key: TEST_KEY } } },
  'hostler.key.remove': {
    own: {
      input: { name: 'laptop' },
      prepare: (world) => expectDone(world, 'hostler.key.add', { name: 'laptop', key: TEST_KEY }),
    },
  },
};
