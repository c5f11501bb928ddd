import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRequest, RunResult } from '../../src/cli/protocol.ts';
import { runSession, type SessionIo } from '../../src/cli/session.ts';
import { actorOfConfig } from '../../src/domain/actor.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { ALWAYS } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld({
    hosts: [{ name: 'kvm-1' }],
    settings: {
      approvals: [{ when: { ...ALWAYS, kinds: ['vm.stop'] }, from: 'lead', count: 1, validMs: 3_600_000 }],
      cli: {
        users: new Map([
          ['root', 'admin'],
          ['dev', '01-dev1'],
        ]),
        actAs: ['admin'],
      },
    },
  });
});
afterAll(() => world.close());

function quiet(change: Partial<SessionIo> = {}): SessionIo {
  return {
    card: () => undefined,
    note: () => undefined,
    ask: async () => false,
    cancel: new AbortController().signal,
    gone: new AbortController().signal,
    ...change,
  };
}

/** What `hostler run --yes` with this in the place of `vm list` would do. */
function run(
  argv: string,
  change: Partial<RunRequest> = {},
  io: SessionIo = quiet(),
  settings: Settings = world.settings,
): Promise<RunResult> {
  const request = {
    argv: argv.split(' '),
    osUser: 'dev',
    as: null,
    channel: null,
    yes: true,
    interactive: false,
    wait: true,
    ...change,
  };
  const actorOf = async (person: string) => {
    const actor = actorOfConfig(settings, person, 'terminal');
    if (actor === null) throw new Error(`no ${person}`);
    return actor;
  };
  return runSession(request, { service: world.service, settings: () => settings, actorOf }, io);
}

const errorOf = (result: RunResult): unknown => result.document;

describe('reads', () => {
  it('answer with the operation’s own JSON', async () => {
    expect(await run('vm list')).toMatchObject({ exit: 0, document: [] });
  });

  it('take a bare family as its list, and help as help', async () => {
    expect(await run('vm')).toMatchObject({ exit: 0, document: [] });
    expect((await run('vm create --help')).notice?.title).toContain('/vm create:');
    expect((await run('approval')).exit).toBe(0);
  });
});

describe('changes', () => {
  it('go from plan to end with --yes, and tell it in one document', async () => {
    const titles: string[] = [];
    const result = await run(
      'vm create web-01 --image tiny --flavor small --reason trying',
      {},
      quiet({ card: (_, notice) => void titles.push(notice.title) }),
    );
    expect(result).toMatchObject({
      exit: 0,
      document: {
        operation: { kind: 'vm.create', state: 'succeeded', vm: 'team-01/web-01', host: 'kvm-1', error: null },
      },
    });
    expect(titles[0]).toContain('planned');
    expect(titles.at(-1)).toContain('done');
    expect(await run('vm list')).toMatchObject({
      document: [{ name: 'team-01/web-01', team: 'team-01', host: 'kvm-1' }],
    });
    const row = world.rows.operations.recent({ team: 'team-01', vmId: null, limit: 1 })[0];
    expect(row).toMatchObject({ person: '01-dev1', reason: 'trying', origin: { via: 'terminal', channel: null } });
  });

  it('need a yes: from the terminal, or --yes', async () => {
    expect(await run('vm restart web-01', { yes: false })).toMatchObject({
      exit: 2,
      document: { error: { code: 'invalid_input', hint: expect.stringContaining('--yes') } },
    });
    const asked: string[] = [];
    const no = await run(
      'vm restart web-01',
      { yes: false, interactive: true },
      quiet({ ask: async (question) => !asked.push(question) }),
    );
    expect(no).toMatchObject({ exit: 1, document: { operation: { state: 'cancelled' } } });
    expect(asked).toEqual(['Restart?']);
    const yes = await run('vm restart web-01', { yes: false, interactive: true }, quiet({ ask: async () => true }));
    expect(yes).toMatchObject({ exit: 0, document: { operation: { state: 'succeeded' } } });
  });

  it('leave no plan behind when they are only looked at', async () => {
    const before = world.rows.operations.recent({ team: null, vmId: null, limit: 100 }).length;
    expect(await run('vm restart web-01 --dry-run', { yes: false })).toMatchObject({ exit: 0 });
    expect(world.rows.operations.recent({ team: null, vmId: null, limit: 100 })).toHaveLength(before);
  });

  it('wait for an approval, or leave it with 75', async () => {
    expect(await run('vm stop web-01', { wait: false })).toMatchObject({
      exit: 75,
      document: { operation: { state: 'awaiting_approval' } },
    });
    const pending = world.rows.operations.inState(['awaiting_approval'])[0];
    if (pending === undefined) throw new Error('nothing waits');
    await world.service.press({
      press: { do: 'cancel', op: pending.id, digest: pending.digest },
      actor: world.actor('01-lead'),
    });

    const waiting = run(
      'vm stop web-01',
      {},
      quiet({
        card: (op, notice) => {
          if (!notice.title.includes('waiting for approval')) return;
          const row = world.rows.operations.byId(op);
          if (row === null) return;
          void world.service.press({ press: { do: 'deny', op, digest: row.digest }, actor: world.actor('01-lead') });
        },
      }),
    );
    expect(await waiting).toMatchObject({ exit: 3, document: { operation: { state: 'denied' } } });
  });

  it('are cancelled by the first Ctrl-C', async () => {
    const cancel = new AbortController();
    const result = await run(
      'vm stop web-01',
      {},
      quiet({
        cancel: cancel.signal,
        card: (_, notice) => {
          if (notice.title.includes('waiting for approval')) cancel.abort();
        },
      }),
    );
    expect(result).toMatchObject({ exit: 1, document: { operation: { state: 'cancelled' } } });
  });
});

describe('refusals', () => {
  it.each([
    ['vm crate', 2, 'invalid_input', 'Unknown command /vm crate'],
    ['vm create Web --image tiny --flavor small', 2, 'invalid_input', 'capital'],
    ['vm create web-01 --image tiny --flavor small', 1, 'already_exists', 'web-01'],
    ['vm create web-02 --image tiny --flavor huge', 2, 'invalid_input', 'huge'],
    ['vm show nothing', 1, 'not_found', 'nothing'],
    ['host check', 3, 'forbidden', 'platform admins'],
  ])('%s: exit %d', async (argv, exit, code, words) => {
    const result = await run(argv);
    const document = errorOf(result);
    expect({ argv, exit: result.exit, document }).toMatchObject({
      exit: expect.any(Number),
      document: { error: { code: expect.any(String), message: expect.stringContaining(words) } },
    });
    // Operations choose between invalid_input and not_found for what they don't know; the map from code to exit is ours.
    if (code !== 'invalid_input') expect(result).toMatchObject({ exit, document: { error: { code } } });
    expect(document).toMatchObject({ error: { hint: expect.any(String) } });
  });

  it('says what is wrong with the input before it asks for a yes', async () => {
    expect(await run('vm create Web --image tiny --flavor small', { yes: false })).toMatchObject({
      document: { error: { message: expect.stringContaining('capital') } },
    });
  });

  it('knows who one is, and who may act as whom', async () => {
    expect(await run('vm list', { osUser: 'mallory' })).toMatchObject({
      exit: 3,
      document: { error: { code: 'forbidden', hint: expect.stringContaining('mallory: NAME') } },
    });
    expect(await run('vm list', { as: 'admin' })).toMatchObject({
      exit: 3,
      document: { error: { code: 'forbidden' } },
    });
    expect(await run('vm list', { as: '01-dev1' })).toMatchObject({ exit: 0 });
    expect(await run('hostler whoami', { osUser: 'root', as: '02-dev1' })).toMatchObject({
      exit: 0,
      notice: { title: 'You are 02-dev1' },
    });
    expect(await run('vm list', { osUser: 'root', as: '02-dev' })).toMatchObject({
      document: { error: { code: 'not_found', hint: expect.stringContaining('02-dev1') } },
    });
  });

  it('takes the team of a channel, and refuses one that is nobody’s', async () => {
    expect(await run('vm list', { osUser: 'root', channel: '#team-02' })).toMatchObject({ exit: 0, document: [] });
    expect(await run('vm list', { channel: 'team-09' })).toMatchObject({
      exit: 2,
      document: { error: { code: 'invalid_input' } },
    });
  });
});
