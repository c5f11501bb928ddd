import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cards, carryOut, endAll, type Place, place, plan, textOf, waitUntil, whispered } from './kit.ts';

afterAll(endAll);

const OF = '--image tiny --flavor small';

/** All that a refusal must leave alone: hosts, VMs, operations on their way. */
const world = (at: Place) => ({
  hosts: at.hosts.map((host) => host.snapshot()),
  vms: at.db((db) => db.prepare('select team, name, life from vm order by id').all()),
  locks: at.db((db) => db.prepare('select count(*) from lock').pluck().get()),
});

describe('typed into Slack', () => {
  let at: Place;
  beforeAll(async () => {
    at = await place();
    await carryOut(at, '01-dev1', `/vm create web-01 ${OF}`, 'Create');
    const made = await at.cli(['run', '--yes', '--as', '02-dev1', '--', 'vm', 'create', 'db-01', ...OF.split(' ')]);
    expect(made, made.stderr).toMatchObject({ exit: 0 });
  });

  it.each<[what: string, line: string, says: RegExp, type: RegExp]>([
    ['an unknown subcommand', '/vm crate web-02', /Unknown command/, /\/vm create/],
    ['an unknown flag', `/vm create web-02 ${OF} --colour red`, /--colour/, /--help|--image/],
    ['a mistyped flag', '/vm create web-02 --imag tiny --flavor small', /--imag/, /--image/],
    ['a repeated flag', `/vm create web-02 ${OF} --image tiny`, /--image is given twice/, /once/],
    ['capitals', `/vm create Web-02 ${OF}`, /capital "W"/, /web-02/],
    ['dots', `/vm create web.02 ${OF}`, /"\."/, /web-01/],
    ['64 characters', `/vm create ${'a'.repeat(64)} ${OF}`, /64 characters, 40/, /such as/],
    ['a leading dash', `/vm create -web ${OF}`, /begins with "-"/, /web-01/],
    ['a semicolon', `/vm create web;reboot ${OF}`, /";"/, /web-01/],
    ['a substitution', `/vm create $(reboot) ${OF}`, /"\$"/, /web-01/],
    ['a newline', `/vm create "web\nreboot" ${OF}`, /newline/, /web-01/],
    ['look-alike letters', `/vm create wеb-02 ${OF}`, /U\+0435/, /web-01/],
    ['an existing name', `/vm create web-01 ${OF}`, /web-01 .*(exists|there)/, /another name|\/vm/],
    ['a VM of another team', '/vm delete team-02/db-01', /team-02/, /Ask|team/],
    ['another team by flag', `/vm create web-02 --team team-02 ${OF}`, /isn't in team team-02/, /Ask|team/],
    ['a VM that isn’t there', '/vm restart web-11', /no VM web-11/, /web-01/],
    ['an unknown flavor', '/vm create web-02 --image tiny --flavor smal', /smal/, /small/],
    ['an unknown image', '/vm create web-02 --image tny --flavor small', /tny/, /tiny/],
    [
      'an image that is on no host',
      '/vm create web-02 --image ghost --flavor small',
      /has no image ghost/,
      /\/image add/,
    ],
    ['no room on any host', '/vm create web-02 --image tiny --flavor giant', /kvm-1/, /smaller|flavor|room|free/i],
    [
      'the quota used up',
      '/vm create web-02 --image tiny --flavor monster',
      /quota|of 20/i,
      /smaller|delete|Ask|quota/i,
    ],
    ['a quote that isn’t closed', '/vm create "web-02', /isn’t closed/, /Close it/],
  ])('%s', async (_what, line, says, type) => {
    const before = world(at);
    const heads = at.audit({ limit: 1 })[0]?.seq ?? 0;
    const shown = cards(at.server).length;
    const told = textOf((await whispered(at, '01-dev1', () => at.server.as('01-dev1').slash('team-01', line))).blocks);
    expect(told).toMatch(says);
    expect(told).toMatch(type);
    expect(world(at)).toEqual(before);
    expect(cards(at.server)).toHaveLength(shown);
    const [row, ...more] = at.audit({}).filter(({ seq }) => seq > heads);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ kind: 'request.refused', actor: { person: '01-dev1', via: 'slack' } });
    expect(row?.data.command).toBe(line);
  });

  it('an image whose file is not there', async () => {
    const before = world(at);
    const told = await whispered(at, 'admin', () => at.server.as('admin').slash('ops', '/image add ghost'));
    expect(textOf(told.blocks)).toMatch(/ghost\.qcow2/);
    expect(world(at)).toEqual(before);
    expect(at.audit({ limit: 1 })[0]).toMatchObject({ kind: 'request.refused', actor: { person: 'admin' } });
  });

  it('somebody whom nobody knows', async () => {
    const before = world(at);
    const told = await whispered(at, 'stranger', () => at.server.as('stranger').slash('team-01', '/vm stop web-01'));
    expect(textOf(told.blocks)).toMatch(/team-01/);
    expect(world(at)).toEqual(before);
    expect(at.audit({ limit: 1 })[0]).toMatchObject({ kind: 'request.refused', outcome: 'forbidden' });
  });
});

describe('a host that can’t', () => {
  const HOSTS = ['down', 'rekeyed', 'nosudo', 'nolibvirt', 'nogroup', 'full'] as const;
  let at: Place;
  beforeAll(async () => {
    at = await place({
      hosts: HOSTS.map((name) => ({ name })),
      config: { times: { unknown: '2s', shutdown: '5s', address: '5s' } },
    });
  });

  it.each<[what: string, host: (typeof HOSTS)[number], says: RegExp, todo: RegExp, check: RegExp]>([
    ['is down', 'down', /Host down can't be reached/, /\/host check down/, /sshd|let us/],
    ['shows another host key', 'rekeyed', /host key changed/, /\/host check rekeyed/, /ssh-keygen -lf/],
    ['lacks a sudo rule', 'nosudo', /sudo/, /\/host check nosudo/, /hostler host sudoers/],
    ['has its libvirtd stopped', 'nolibvirt', /libvirt/, /\/host check nolibvirt/, /systemctl start libvirtd/],
    ['lost its volume group', 'nogroup', /cloudvg/, /\/host check nogroup/, /cloudvg/],
    [
      'has its thin pool full',
      'full',
      /pool|thinpool/,
      /purge what is in the trash.*extend cloudvg\/thinpool/,
      /thinpool/,
    ],
  ])('%s', async (_what, name, says, todo, check) => {
    const index = HOSTS.indexOf(name);
    const [host, door] = [at.hosts[index], at.doors[index]];
    if (host === undefined || door === undefined) throw new Error(name);
    if (name === 'down') host.trouble.down = true;
    if (name === 'rekeyed') door.changeKey();
    if (name === 'nosudo') host.model.sudo = 'refused';
    if (name === 'nolibvirt') host.model.libvirt.running = false;
    if (name === 'nogroup') host.loseGroup();
    if (name === 'full') host.fillPool();
    const before = host.snapshot();
    const { server } = at;
    const dev = server.as('01-dev1');
    const [whispers, shown] = [server.ephemerals('01-dev1').length, cards(server).length];
    await dev.slash('team-01', `/vm create vm-${name} ${OF} --host ${name}`);
    // Where the plan could be made from rows alone, the host is met at the first step: it is taken back then.
    const answer = await server.waitFor(() => server.ephemerals('01-dev1')[whispers] ?? cards(server)[shown]);
    let told = textOf(answer.blocks);
    if (answer.ephemeralTo === undefined) {
      await dev.click(answer, 'Create');
      const end = await server.waitFor(
        () => cards(server).find(({ ts, text }) => ts === answer.ts && /: (rolled back|stuck|superseded)/.test(text)),
        { deadline: 15_000, what: () => `an end: ${textOf(cards(server).find(({ ts }) => ts === answer.ts)?.blocks)}` },
      );
      expect(end.text).not.toContain('stuck');
      told = textOf(end.blocks);
    }
    expect(told).toMatch(says);
    expect(told).toMatch(todo);
    expect(host.snapshot()).toEqual(before);
    const checked = await whispered(at, 'admin', () => server.as('admin').slash('ops', `/host check ${name}`));
    expect(textOf(checked.blocks)).toMatch(check);
    expect(at.db((db) => db.prepare('select count(*) from lock').pluck().get())).toBe(0);
    expect(at.db((db) => db.prepare('select count(*) from vm').pluck().get())).toBe(0);
    const kinds = at.audit({ limit: 20 }).map(({ kind, outcome }) => `${kind} ${outcome}`);
    expect(kinds.some((each) => /^(request\.refused|operation\.ended (failed|superseded))/.test(each))).toBe(true);
  });
});

describe('at the start', () => {
  let at: Place;
  beforeAll(async () => {
    at = await place();
    await at.kill('SIGTERM');
  });
  const refusedStart = async (env: Record<string, string> = {}) => {
    const { exit, stderr } = await at.cli(['start'], env);
    return { exit, stderr };
  };

  it('a typo in the configuration: file, line, path and what is expected', async () => {
    at.writeConfig({ flavours: [], timezone: 'Mars/Olympus' });
    const { exit, stderr } = await refusedStart();
    at.writeConfig();
    expect(exit).toBe(2);
    expect(stderr).toMatch(/hostler\.yaml:\d+:\d+: flavours: unknown key "flavours"\. Did you mean flavors\?/);
    expect(stderr).toMatch(/hostler\.yaml:\d+:\d+: timezone: .*IANA name such as Europe\/Berlin/);
  });

  it('no configuration', async () => {
    const { exit, stderr } = await refusedStart({ HOSTLER_CONFIG: join(at.folder, 'none.yaml') });
    expect({ exit, stderr }).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(/none\.yaml is not there[\s\S]*example/),
    });
  });

  it.each<[what: string, env: Record<string, string>, says: RegExp]>([
    ['no bot token', { SLACK_BOT_TOKEN: '' }, /SLACK_BOT_TOKEN is not set[\s\S]*Set it/],
    [
      'a wrong bot token',
      { SLACK_BOT_TOKEN: 'xoxb-wrong' },
      /refused SLACK_BOT_TOKEN: invalid_auth[\s\S]*OAuth & Permissions/,
    ],
    ['a wrong app token', { SLACK_APP_TOKEN: 'xapp-wrong' }, /SLACK_APP_TOKEN: invalid_auth[\s\S]*App-Level Tokens/],
    ['the tokens swapped', { SLACK_APP_TOKEN: 'xoxb-local-bot' }, /SLACK_APP_TOKEN holds a token of another kind/],
    [
      'no way in',
      { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: '' },
      /Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET/,
    ],
  ])('%s', async (_what, env, says) => {
    const { exit, stderr } = await refusedStart(env);
    expect(stderr).toMatch(says);
    expect(exit).toBe(2);
  });

  it('a state directory that is not writable', async () => {
    writeFileSync(join(at.folder, 'file'), '');
    const { exit, stderr } = await refusedStart({ HOSTLER_STATE_DIR: join(at.folder, 'file', 'state') });
    expect(stderr).toMatch(/state directory .* is not writable[\s\S]*chown/);
    expect(exit).toBe(2);
  });

  it('a database from a newer version: untouched', async () => {
    const newer = join(at.folder, 'newer');
    mkdirSync(newer);
    const db = new Database(join(newer, 'hostler.db'));
    db.exec(
      'create table migration (number integer primary key, name text not null, sum text not null, at integer not null) strict',
    );
    db.prepare('insert into migration values (?, ?, ?, ?)').run(9999, 'future', 'x', 1);
    db.close();
    const { exit, stderr } = await refusedStart({ HOSTLER_STATE_DIR: newer });
    expect(stderr).toMatch(/newer Hostler[\s\S]*hostler restore/);
    expect(exit).toBe(2);
    const left = new Database(join(newer, 'hostler.db'), { readonly: true });
    expect(left.prepare('select name from sqlite_master order by name').pluck().all()).toEqual(['migration']);
    left.close();
  });

  it('a scope that the token lacks', async () => {
    const other = await place({ start: false, chat: { scopes: ['commands', 'chat:write'] } });
    const { exit, stderr } = await other.cli(['start']);
    expect(stderr).toMatch(/lacks the scopes files:write, im:write[\s\S]*manifest\.yml/);
    expect(exit).toBe(2);
  });

  it('a second bot on the same state: the first goes on', async () => {
    const bot = await at.start();
    const { exit, stderr } = await refusedStart();
    expect(stderr).toContain(`Another Hostler (process ${bot.process.pid}) holds the state directory`);
    expect(exit).toBe(75);
    const planned = await plan(at, '01-dev1', `/vm create web-01 ${OF}`);
    expect(planned.text).toContain('web-01');
    await waitUntil('the first to live', () => bot.process.exitCode === null);
  });
});
