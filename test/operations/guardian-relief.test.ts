import { describe, expect, it } from 'vitest';
import { MiB } from '../../src/domain/size.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { incidentCard } from '../../src/operations/alert/card.ts';
import { evaluateAlerts } from '../../src/operations/alert/evaluate.ts';
import { subjectsOf } from '../../src/operations/alert/subjects.ts';
import { catalog } from '../../src/operations/catalog.ts';
import { wantedStarts } from '../../src/operations/watch/restart.ts';
import { writes } from '../kit/samples.ts';
import { smallPool } from '../kit/small-pool.ts';

const { vm, world, host, pool, used, write, fillTo, sweep, done, told, carriedOut } = smallPool();

describe('trimming guests', () => {
  it('gives back what they have deleted, and tells how much', async () => {
    fillTo(80);
    await sweep();
    const disk = host().model.volumes.find(({ name }) => /^vm-.*-d0$/.test(name));
    if (disk === undefined) throw new Error('no disk');
    disk.trimmableBytes = 200 * MiB;
    const before = used();
    const { facts } = await carriedOut('storage.pool.trim', { host: 'kvm-1' });
    expect(before - used()).toBe(200 * MiB);
    expect(facts.get('Came back')).toMatch(/^(199\.\d|200) MiB$/);
    expect(facts.get('Trimmed')).toBe('1 of 1');
    // The report knows it at once.
    const seen = world()
      .rows.hosts.find('kvm-1')
      ?.observation?.volumes?.find(({ kind }) => kind === 'thin-pool');
    expect(seen?.dataPercent).toBeCloseTo((100 * used()) / pool().sizeBytes, 1);
  });

  it('leaves out whose agent is silent; one that hangs keeps no other from it', async () => {
    await done('vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
    host().domain('team-01-web-02').guest.agentMs = 0;
    host().domain('team-01-web-02').guest.agentHangs = true;
    await sweep();
    const [first, second] = ['web-01', 'web-02'].map((name) => world().rows.vms.byName('team-01', name)?.id ?? '');
    world().rows.watch.update(first ?? '', { askedAt: 1, agentSeenAt: 1, agentSilentSince: null });
    world().rows.watch.update(second ?? '', { askedAt: 1, agentSeenAt: 1, agentSilentSince: null });
    const { facts } = await carriedOut('storage.pool.trim', { host: 'kvm-1' });
    expect([facts.get('Trimmed'), facts.get('Not trimmed')]).toEqual([
      '1 of 2',
      'team-01/web-02 (its agent does not answer)',
    ]);
    world().rows.watch.update(second ?? '', { agentSilentSince: 2 });
    expect(await told('storage.pool.trim', { host: 'kvm-1' })).toMatch(
      /^1 guest is asked: team-01\/web-01\.\nLeft out, for their agents don’t answer: team-01\/web-02\./,
    );
    world().rows.watch.update(first ?? '', { agentSeenAt: null });
    expect(await told('storage.pool.trim', { host: 'kvm-1' })).toMatch(/^wrong_state: No VM that draws from thinpool/);
  });
});

describe('pausing the biggest writers', () => {
  const writer = (name: string, bytesPerSecond: number) => {
    const id = world().rows.vms.byName('team-01', name)?.id ?? '';
    writes(world(), id, bytesPerSecond, world().clock.now());
    return id;
  };

  it('suspends them, biggest first, until somebody resumes them; nothing takes them for down', async () => {
    await done('vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
    await done('vm.policy', { ...vm, restart: 'always' });
    await sweep();
    expect(await told('storage.pool.relieve', { host: 'kvm-1' })).toMatch(
      /^wrong_state: No VM is known to write into thinpool on kvm-1 just now/,
    );
    const id = writer('web-01', 30 * MiB);
    writer('web-02', 10 * MiB);
    expect(await told('storage.pool.relieve', { host: 'kvm-1', vms: 1 })).toMatch(
      /^team-01\/web-01 writes 30 MiB\/s\.\nTogether that is 75 % of what/,
    );
    const { facts, buttons } = await carriedOut('storage.pool.relieve', { host: 'kvm-1', vms: 1 });
    expect(facts.get('Suspended')).toBe('team-01/web-01 (30 MiB/s)');
    expect(host().domain('team-01-web-01')).toMatchObject({ state: 'paused', reason: 'user' });
    expect(host().domain('team-01-web-02').state).toBe('running');
    for (let minute = 0; minute < 5; minute += 1) {
      world().clock.advance(60_000);
      await sweep();
      expect(wantedStarts(world().rows, world().clock)).toEqual([]);
      const subject = subjectsOf(world().rows, world().settings, world().clock.now()).find((each) => each.id === id);
      expect(subject?.values).toMatchObject({ down: 0, paused: 0, boot_loop: 0, restarts_spent: 0 });
    }
    expect(host().domain('team-01-web-01').state).toBe('paused');
    const shown = await world().ask('storage.pool.show', { host: 'kvm-1' }, 'admin');
    expect(JSON.stringify(shown)).toContain('Resume team-01/web-01');
    const resume = buttons.find(({ label }) => label === 'Resume team-01/web-01');
    if (resume?.press.do !== 'run') throw new Error('no Resume on the card');
    await done(resume.press.name, resume.press.input, 'admin');
    expect(host().domain('team-01-web-01').state).toBe('running');
  });

  it('tells their teams, and undoes all where one can’t be suspended', async () => {
    await done('vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
    await sweep();
    writer('web-01', 30 * MiB);
    writer('web-02', 10 * MiB);
    const second = host().domain('team-01-web-02');
    host().trouble.add({
      match: new RegExp(`virsh .*suspend .*${second.uuid}`),
      when: 'before',
      kind: 'fail',
      times: 9,
    });
    const failed = await world().change('storage.pool.relieve', { host: 'kvm-1' }, 'admin');
    expect(failed.state).toBe('failed');
    expect([host().domain('team-01-web-01').state, second.state]).toEqual(['running', 'running']);
    expect(relieved()).toEqual([]);
    await done('storage.pool.relieve', { host: 'kvm-1', vms: 1 }, 'admin');
    expect(relieved()).toEqual(['team-01/web-01 was suspended']);
  });

  /** Titles of what teams were told. */
  function relieved(): string[] {
    return world()
      .db.prepare("select notice_json from outbox where key like 'relieved:%'")
      .pluck()
      .all()
      .map((text) => JSON.parse(String(text)).title);
  }
});

describe('dropping what is past its time', () => {
  const reclaim = (input: Readonly<Record<string, unknown>> = {}) =>
    told('storage.pool.reclaim', { host: 'kvm-1', ...input });
  const names = () =>
    world()
      .rows.vms.list('team-01')
      .flatMap(({ id }) => world().rows.snapshots.of(id))
      .map(({ name }) => name);

  it('drops snapshots and trash whose time is over, and tells which and how much', async () => {
    await done('vm.disk.attach', { ...vm, size: '64MiB' });
    await done('vm.disk.extend', { ...vm, disk: 'vda', size: '+8MiB' });
    write('vdb', 32 * MiB);
    await done('vm.disk.detach', { ...vm, disk: 'vdb' });
    await done('vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
    await done('vm.delete', { vm: 'web-02' });
    expect(await reclaim()).toMatch(
      /^wrong_state: thinpool on kvm-1 holds nothing past its time that may go\. 2 things lie in the trash: `\/storage pool reclaim kvm-1 --trash`/,
    );
    world().clock.advance(8 * 86_400_000);
    const plan = await reclaim();
    expect(plan).toMatch(
      /snapshot before-extend-\w+ of team-01\/web-01 \(its time as a way back is over\): .* at most/,
    );
    expect(plan).toMatch(/disk d1 of team-01\/web-01, in the trash: 32 MiB at most/);
    expect(plan).toMatch(/VM team-01\/web-02, in the trash, with its disks and snapshots: .* at most/);
    const before = used();
    const { facts } = await carriedOut('storage.pool.reclaim', { host: 'kvm-1' });
    expect(before - used()).toBeGreaterThanOrEqual(32 * MiB);
    expect(facts.get('Came back')).toMatch(/MiB$/);
    expect(names()).toEqual(['one']);
    expect(host().model.volumes.filter(({ name }) => name.startsWith('trash-'))).toEqual([]);
    expect(world().rows.vms.trashed('team-01', null)).toEqual([]);
    expect(await reclaim({ trash: true })).toMatch(/^wrong_state: .* holds nothing in the trash or past its time/);
  });

  it('never drops what is protected, nor the last snapshot of a team', async () => {
    await done('vm.disk.extend', { ...vm, disk: 'vda', size: '+8MiB' });
    const [, saved = ''] = names().sort();
    const before = names().find((name) => name.startsWith('before-')) ?? saved;
    await done('snapshot.delete', { ...vm, name: 'one' });
    world().clock.advance(8 * 86_400_000);
    expect(await reclaim()).toMatch(/may go \(snapshot before-extend-\w+: it is the last that team-01 has\)/);
    await done('snapshot.create', { ...vm, name: 'two' });
    expect(await reclaim()).toContain(`snapshot ${before} of team-01/web-01`);
    await done('snapshot.protect', { ...vm, name: before });
    expect(await reclaim()).toMatch(/^wrong_state: /);
    // In the trash too.
    await done('vm.delete', vm);
    expect(await reclaim({ trash: true })).toMatch(
      /may go \(team-01\/web-01 in the trash: its snapshot before-extend-\w+ is protected\)/,
    );
  });

  it('spares the newest where all of a team’s would go, with the VM in the trash that has it', async () => {
    await done('vm.delete', vm);
    expect(await reclaim({ trash: true })).toMatch(/may go \(snapshot one: it is the last that team-01 has\)/);
  });
});

describe('its alert', () => {
  it('has a button for each of them, and they bring it back without an error in any guest', async () => {
    // Something of each kind: deleted in the guest and not trimmed, past its time, and written just now.
    const [disk] = host().model.volumes.filter(({ name }) => /^vm-.*-d0$/.test(name));
    if (disk === undefined) throw new Error('no disk');
    disk.trimmableBytes = 100 * MiB;
    await done('vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
    await done('vm.delete', { vm: 'web-02' });
    world().clock.advance(8 * 86_400_000);
    fillTo(97);
    for (let minute = 0; minute < 4; minute += 1) {
      await sweep();
      evaluateAlerts({ ...world(), ids: randomIds() });
      world().clock.advance(60_000);
    }
    const card = alertCard();
    expect(card.title).toContain('thinpool on kvm-1');
    const press = (label: string) => {
      const found = card.buttons?.find((button) => button.label === label)?.press;
      if (found?.do !== 'run') throw new Error(`no button ${label}`);
      return carriedOut(found.name, found.input);
    };
    await sweep();
    writes(world(), world().rows.vms.byName('team-01', 'web-01')?.id ?? '', 20 * MiB, world().clock.now());
    const full = used();
    await press('Trim guests');
    expect(full - used()).toBe(100 * MiB);
    await press('Pause biggest writers');
    expect(host().domain('team-01-web-01')).toMatchObject({ state: 'paused', reason: 'user' });
    await press('Drop what expired');
    expect(world().rows.vms.trashed('team-01', null)).toEqual([]);
    await press('Extend pool');
    expect(used() / pool().sizeBytes).toBeLessThanOrEqual(0.7);
    await done('vm.resume', vm);
    await done('snapshot.create', { ...vm, name: 'again' });
    expect(host().domain('team-01-web-01')).toMatchObject({ state: 'running', reason: 'unpaused' });
  });

  function alertCard() {
    const [incident] = world().rows.incidents.since(0);
    if (incident === undefined) throw new Error('no alert');
    return incidentCard({
      incident,
      members: world().rows.incidents.members(incident.id),
      silences: [],
      settings: world().settings,
      now: world().clock.now(),
      offers: (name) => catalog.some((each) => each.name === name),
      fullDisk: () => null,
    });
  }
});
