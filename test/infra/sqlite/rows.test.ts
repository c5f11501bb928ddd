import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Vm } from '../../../src/domain/vm.ts';
import { openDatabase } from '../../../src/infra/sqlite/database.ts';
import type { OperationRow } from '../../../src/operations/store.ts';
import { vmRow } from '../../kit/vm-row.ts';
import { rowsOver, type TestDatabase, testDatabase } from './kit.ts';

let at: TestDatabase;
beforeEach(() => {
  at = testDatabase();
});
afterEach(() => at.end());

const NOTHING = { vms: 0, vcpus: 0, memoryBytes: 0, diskBytes: 0 };

function operation(id: string, change: Partial<OperationRow> = {}): OperationRow {
  return {
    id,
    kind: 'vm.create',
    state: 'planned',
    input: { name: 'web-01' },
    facts: {},
    minted: {},
    plan: { title: 'Create', risk: 'safe', steps: [], notes: [], quota: null, verb: 'Create' },
    digest: 'd',
    risk: 'safe',
    person: '01-dev1',
    slack: null,
    role: 'member',
    origin: { via: 'slack', channel: 'C1', command: '/vm create' },
    reason: '',
    team: 'team-01',
    subject: 'team-01/web-01',
    host: 'kvm-1',
    vmId: null,
    locks: [],
    adds: NOTHING,
    waits: false,
    error: null,
    createdAt: 1,
    updatedAt: 1,
    expiresAt: null,
    startedAt: null,
    endedAt: null,
    cancelAsked: false,
    ...change,
  };
}

function vm(id: string, change: Partial<Vm> = {}): Vm {
  return vmRow(Number(id), {
    id,
    name: 'web-01',
    memoryBytes: 2 ** 40,
    image: 'tiny',
    login: 'root',
    disks: [{ target: 'vda', vg: 'cloudvg', volume: `vm-${id}-d0`, sizeBytes: 2 ** 43, kind: 'thin' }],
    autostart: true,
    createdAt: 1,
    ...change,
  });
}

const UNIQUE = /UNIQUE constraint failed/;

describe('transaction', () => {
  it('commits all or nothing, and the outermost decides', () => {
    const { rows } = at;
    expect(() =>
      rows.transaction(() => {
        rows.vms.insert(vm('01'));
        rows.transaction(() => rows.operations.insert(operation('op_1'), null));
        throw new Error('no');
      }),
    ).toThrow('no');
    expect([rows.vms.byId('01'), rows.operations.byId('op_1')]).toEqual([null, null]);
    rows.transaction(() => {
      rows.vms.insert(vm('01'));
      expect(() =>
        rows.transaction(() => {
          rows.operations.insert(operation('op_1'), null);
          throw new Error('inner');
        }),
      ).toThrow('inner');
    });
    expect([rows.vms.byId('01')?.id, rows.operations.byId('op_1')]).toEqual(['01', null]);
  });

  it('is on its own: another writer waits its turn or is told', () => {
    const theirs = openDatabase(at.file);
    theirs.pragma('busy_timeout = 0');
    at.rows.transaction(() => {
      expect(() => rowsOver(theirs).transaction(() => undefined)).toThrow('locked');
    });
    rowsOver(theirs).transaction(() => undefined);
    theirs.close();
  });
});

describe('VMs', () => {
  it('come back as they went in', () => {
    // No two alike, for cells are told apart by their place.
    const all = vm('01', {
      vcpus: 3,
      createdAt: 7,
      trashedAt: 9,
      seen: { state: 'running', reason: 'booted', at: 5 },
      address: '10.0.0.9',
      seed: 'seed.img',
      xml: '<domain/>',
    });
    at.rows.vms.insert(all);
    expect(at.rows.vms.byId('01')).toEqual(all);
    at.rows.vms.update('01', { seen: null, autostart: false, address: null });
    expect(at.rows.vms.byId('01')).toEqual({ ...all, seen: null, autostart: false, address: null });
  });

  it('have a name that is theirs until they are in the trash', () => {
    const { vms } = at.rows;
    vms.insert(vm('01'));
    for (const life of ['creating', 'live', 'faulted'] as const)
      expect(() => vms.insert(vm('02', { life, domainName: 'other' }))).toThrow(UNIQUE);
    vms.update('01', { life: 'trashed', trashedAt: 9 });
    vms.insert(vm('02'));
    expect(vms.byName('team-01', 'web-01')?.id).toBe('02');
    expect(vms.trashed('team-01', 'web-01').map(({ id }) => id)).toEqual(['01']);
    // Back from the trash only when the name is free again.
    expect(() => vms.update('01', { life: 'live' })).toThrow(UNIQUE);
    vms.update('02', { life: 'purged' });
    vms.update('01', { life: 'live', trashedAt: null });
    expect(vms.byName('team-01', 'web-01')?.id).toBe('01');
  });

  it('have a domain name of their own across teams: a-b + c is a + b-c', () => {
    const { vms } = at.rows;
    vms.insert(vm('01', { team: 'a-b', name: 'c', domainName: 'a-b-c' }));
    expect(() => vms.insert(vm('02', { team: 'a', name: 'b-c', domainName: 'a-b-c' }))).toThrow(UNIQUE);
    expect(vms.byDomainName('a-b-c')?.id).toBe('01');
    vms.insert(vm('02', { team: 'team-02', domainName: 'team-02-web-01' }));
  });

  it('have a MAC of their own until they are purged', () => {
    const { vms } = at.rows;
    const mac = '52:54:00:12:34:56';
    vms.insert(vm('01', { mac, life: 'trashed' }));
    expect(() => vms.insert(vm('02', { mac }))).toThrow(UNIQUE);
    vms.update('01', { life: 'purged' });
    vms.insert(vm('02', { mac }));
  });

  it('are forgotten only where they never came to be', () => {
    const { vms } = at.rows;
    vms.insert(vm('01'));
    vms.forget('01');
    expect(vms.byId('01')).not.toBeNull();
    vms.update('01', { life: 'creating' });
    vms.forget('01');
    expect(vms.byId('01')).toBeNull();
  });
});

describe('locks', () => {
  beforeEach(() => {
    for (const id of ['op_1', 'op_2']) at.rows.operations.insert(operation(id), null);
  });

  it('are taken all or none, and the first that is held is told with its holder', () => {
    const { locks } = at.rows;
    expect(locks.take('op_1', ['vm:b', 'vm:b', 'vg:x'])).toBeNull();
    expect(locks.take('op_2', ['vm:c', 'vm:b', 'vm:a'])).toEqual({ resource: 'vm:b', operationId: 'op_1' });
    expect(['vm:a', 'vm:b', 'vm:c', 'vg:x'].map(locks.holder)).toEqual([null, 'op_1', null, 'op_1']);
  });

  it('may be taken again by who has them, and are all released', () => {
    const { locks } = at.rows;
    locks.take('op_1', ['vm:a']);
    expect(locks.take('op_1', ['vm:a', 'vm:b'])).toBeNull();
    locks.release('op_2');
    expect(locks.holder('vm:a')).toBe('op_1');
    locks.release('op_1');
    expect(locks.take('op_2', ['vm:a', 'vm:b'])).toBeNull();
  });
});

describe('operations', () => {
  it('move from the state that was seen, once', () => {
    const { operations } = at.rows;
    const row = operation('op_1', { expiresAt: 9 });
    operations.insert(row, 'view-1');
    expect(operations.byDedupe('view-1')).toEqual(row);
    expect(operations.move('op_1', ['planned', 'awaiting_approval'], 'queued', { updatedAt: 2, expiresAt: null })).toBe(
      true,
    );
    expect(operations.move('op_1', ['planned', 'awaiting_approval'], 'cancelled', { updatedAt: 3 })).toBe(false);
    expect(operations.byId('op_1')).toEqual({ ...row, state: 'queued', updatedAt: 2, expiresAt: null });
    expect(operations.move('op_none', ['planned'], 'queued')).toBe(false);
  });

  it('are one for one request', () => {
    at.rows.operations.insert(operation('op_1'), 'view-1');
    expect(() => at.rows.operations.insert(operation('op_2'), 'view-1')).toThrow(UNIQUE);
  });
});

describe('held', () => {
  it('sums what waits, by team, by host, and without the one that asks', () => {
    const { operations, held } = at.rows;
    const adds = (vms: number) => ({ vms, vcpus: 2 * vms, memoryBytes: 3 * vms, diskBytes: 2 ** 42 * vms });
    expect(held({})).toEqual(NOTHING);
    operations.insert(operation('op_1', { adds: adds(1) }), null);
    operations.insert(operation('op_2', { adds: adds(10), state: 'awaiting_approval', host: 'kvm-2' }), null);
    operations.insert(operation('op_3', { adds: adds(100), team: 'team-02' }), null);
    for (const state of ['queued', 'running', 'succeeded', 'failed', 'expired', 'denied'] as const)
      operations.insert(operation(`op_${state}`, { adds: adds(1000), state }), null);
    expect(held({})).toEqual(adds(111));
    expect(held({ team: 'team-01' })).toEqual(adds(11));
    expect(held({ host: 'kvm-1' })).toEqual(adds(101));
    expect(held({ team: 'team-01', host: 'kvm-1', except: 'op_1' })).toEqual(NOTHING);
  });
});

describe('approvals', () => {
  beforeEach(() => {
    at.rows.operations.insert(operation('op_1'), null);
    at.rows.approvals.insert({
      id: 'apr_1',
      operationId: 'op_1',
      digest: 'd',
      from: 'lead',
      needed: 2,
      state: 'open',
      createdAt: 1,
      expiresAt: 9,
      votes: [],
    });
  });

  it('count a person once, whatever the second vote says', () => {
    const { approvals } = at.rows;
    expect(approvals.vote('apr_1', '01-lead', 'approve', 2)).toBe(true);
    expect(approvals.vote('apr_1', '01-lead', 'approve', 3)).toBe(false);
    expect(approvals.vote('apr_1', '01-lead', 'deny', 3)).toBe(false);
    expect(approvals.vote('apr_1', 'admin', 'deny', 4)).toBe(true);
    expect(approvals.ofOperation('op_1')?.votes).toEqual([
      { person: '01-lead', vote: 'approve', at: 2 },
      { person: 'admin', vote: 'deny', at: 4 },
    ]);
  });

  it('are decided once', () => {
    const { approvals } = at.rows;
    expect(approvals.setState('apr_1', 'open', 'approved')).toBe(true);
    expect(approvals.setState('apr_1', 'open', 'denied')).toBe(false);
    expect(approvals.open()).toEqual([]);
    expect(approvals.ofOperation('op_1')?.state).toBe('approved');
  });
});

it('keeps people’s keys under a name each', () => {
  const { keys } = at.rows;
  const key = { id: 'key_1', person: '01-dev1', name: 'laptop', key: 'ssh-ed25519 AAAA', addedAt: 1 };
  keys.insert(key);
  expect(() => keys.insert({ ...key, id: 'key_2' })).toThrow(UNIQUE);
  expect(keys.of('01-dev1')).toEqual([key]);
  expect([keys.remove('01-dev2', 'laptop'), keys.remove('01-dev1', 'laptop')]).toEqual([false, true]);
});

it('keeps what a host last said, and that it is silent now', () => {
  const { hosts } = at.rows;
  hosts.missed('kvm-1', 'no route', 5);
  expect(hosts.find('kvm-1')).toEqual({
    name: 'kvm-1',
    seenAt: null,
    observation: null,
    trouble: 'no route',
    troubleAt: 5,
  });
  expect(hosts.find('kvm-2')).toBeNull();
});
