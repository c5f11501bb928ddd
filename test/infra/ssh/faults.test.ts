/** Links that are cut, stall or lie: never taken for a failure when something may have happened, never for a success. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2, { type ServerChannel } from 'ssh2';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Command } from '../../../src/domain/command.ts';
import { type FleetDeps, openFleet, type SshFleet } from '../../../src/infra/ssh/fleet.ts';
import { frame } from '../../../src/infra/ssh/frames.ts';
import { parseScript } from '../../../src/infra/ssh/script.ts';
import type { HostConnection, SshEvent } from '../../../src/infra/ssh/types.ts';
import type { HostCall, Ran } from '../../../src/operations/ports.ts';
import { describeUnless } from '../../kit/needs.ts';
import { realClock } from '../../kit/real-clock.ts';
import { type Sshd, startSshd, waitFor, whyNoSshd } from '../../kit/sshd.ts';
import { startProxy, type TcpProxy } from '../../kit/tcp-proxy.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });
const reason = whyNoSshd();

const call = (...commands: Command[]): HostCall<readonly Ran[]> => ({ title: 'Try it', commands, parse: (ran) => ran });
const quick = (...argv: Command['argv']): Command => ({ argv, limit: 'quick' });
const uname = call(quick('uname'));

function open(host: HostConnection, settings: FleetDeps['settings'] = {}): { fleet: SshFleet; events: SshEvent[] } {
  const events: SshEvent[] = [];
  const fleet = openFleet([host], { clock: realClock, settings, onEvent: (event) => events.push(event) });
  onTestFinished(() => fleet.close());
  return { fleet, events };
}

describeUnless(reason, 'a link that fails', () => {
  let sshd: Sshd;
  let proxy: TcpProxy;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(async () => {
    await sshd?.remove();
  });
  const through = async (settings?: FleetDeps['settings']) => {
    proxy = await startProxy(sshd.port);
    onTestFinished(() => proxy.close());
    return open(sshd.host('kvm-1', { port: proxy.port }), settings);
  };
  const path = (name: string): string => join(sshd.dir, `${name}-${randomBytes(4).toString('hex')}`);
  const fifo = (): string => {
    const made = path('fifo');
    execFileSync('mkfifo', [made]);
    return made;
  };

  test('cut while idle: the next call connects anew and is done', async () => {
    const { fleet, events } = await through();
    await fleet.run('kvm-1', uname);
    proxy.cut();
    expect(await fleet.run('kvm-1', uname)).toMatchObject({ outcome: 'done' });
    expect(events.map(({ kind }) => kind)).toEqual(['connected', 'lost', 'connected']);
  });

  test('cut before the login: unreachable, nothing ran', async () => {
    const { fleet } = await through();
    proxy.cutAfter(500);
    const made = path('made');
    expect(await fleet.run('kvm-1', call(quick('mkdir', made)), { lane: 'change' })).toMatchObject({
      outcome: 'failed',
      error: { code: 'host_unreachable' },
      ran: [],
    });
    expect(existsSync(made)).toBe(false);
  });

  test('cut in the middle: all calls under way are unknown at once, with what was seen', async () => {
    const { fleet } = await through();
    const [made, pipe] = [path('made'), fifo()];
    const running = Array.from({ length: 4 }, () =>
      fleet.run('kvm-1', call({ ...quick('mkdir', '-p', made) }, quick('cat', pipe), quick('uname')), {
        lane: 'change',
      }),
    );
    await waitFor('the first command', () => existsSync(made) && fleet.status('kvm-1').channels.open === 4);
    const began = Date.now();
    proxy.cut();
    for (const result of await Promise.all(running)) {
      expect(result).toMatchObject({
        outcome: 'unknown',
        error: { code: 'outcome_unknown', message: expect.stringContaining('cut') },
      });
      expect(result.ran.every(({ exit }) => exit === 0 || exit === null)).toBe(true);
      expect(result.ran.length).toBeLessThanOrEqual(2);
    }
    expect(Date.now() - began).toBeLessThan(2000);
    // Frees those that wait at the pipe. On a busy machine the cut may have ended them on their way there: then there is nobody.
    spawnSync('timeout', ['5', 'sh', '-c', `echo >${pipe}`]);
    expect(await fleet.run('kvm-1', uname)).toMatchObject({ outcome: 'done' });
  });

  test('cut at many places of what is sent: it is done on the host or not, and we never say otherwise', async () => {
    const { fleet } = await through();
    const seen = new Set<string>();
    for (let bytes = 0; bytes < 2600; bytes += 130) {
      await fleet.run('kvm-1', uname);
      const made = path('made');
      proxy.cutAfter(bytes);
      const result = await fleet.run('kvm-1', call(quick('mkdir', made)), { lane: 'change' });
      proxy.cutAfter(Number.POSITIVE_INFINITY);
      seen.add(result.outcome);
      if (result.outcome === 'done') expect(existsSync(made)).toBe(true);
      if (result.outcome === 'failed') expect(existsSync(made)).toBe(false);
    }
    expect([...seen].sort()).toEqual(['done', 'unknown']);
  });

  test('a peer that falls silent is noticed by keepalive', async () => {
    const { fleet, events } = await through({ keepaliveInterval: 100, keepaliveCount: 3, connectTimeout: 500 });
    const [made, pipe] = [path('made'), fifo()];
    const running = fleet.run('kvm-1', call(quick('mkdir', made), quick('cat', pipe)), { lane: 'change' });
    await waitFor('the first command', () => existsSync(made));
    proxy.stall();
    const began = Date.now();
    expect(await running).toMatchObject({ outcome: 'unknown' });
    expect(Date.now() - began).toBeLessThan(3000);
    expect(events.at(-1)).toMatchObject({ kind: 'lost', reason: 'Keepalive timeout' });
    expect(await fleet.run('kvm-1', uname)).toMatchObject({
      outcome: 'failed',
      error: { code: 'host_unreachable', message: expect.stringContaining('Timed out') },
    });
    proxy.resume();
    proxy.cut();
    expect(await fleet.run('kvm-1', uname)).toMatchObject({ outcome: 'done' });
  });

  test('no answer in time is unknown', async () => {
    const { fleet } = await through({ deadlineSlack: -34_800 });
    const pipe = fifo();
    const result = await fleet.run('kvm-1', call(quick('cat', pipe)));
    expect(result).toMatchObject({ outcome: 'unknown', error: { message: expect.stringContaining('in time') } });
    execFileSync('timeout', ['5', 'sh', '-c', `echo >${pipe}`]);
  });

  test('fewer sessions than we use: failed, with what to set', async () => {
    const narrow = await startSshd({ config: ['Match all', 'MaxSessions 2'] });
    onTestFinished(() => narrow.remove());
    const { fleet } = open(narrow.host('kvm-1'));
    const pipe = fifo();
    const running = [1, 2].map(() => fleet.run('kvm-1', call(quick('cat', pipe))));
    await waitFor('both channels', () => fleet.status('kvm-1').channels.open === 2);
    const refused = await fleet.run('kvm-1', uname);
    expect(refused).toMatchObject({
      error: { code: 'host_unreachable', hint: expect.stringContaining('channels') },
      ran: [],
    });
    execFileSync('timeout', ['5', 'sh', '-c', `echo >${pipe}`]);
    await Promise.all(running);
    const results = await Promise.all(Array.from({ length: 6 }, () => fleet.run('kvm-1', uname)));
    expect(results.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
  });

  test('a user who may not run commands is told so', async () => {
    const closed = await startSshd({ config: ['ForceCommand echo closed; exit 1'] });
    onTestFinished(() => closed.remove());
    const { fleet } = open(closed.host('kvm-1'));
    expect(await fleet.run('kvm-1', uname)).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'host_fault',
        message: expect.stringContaining('ran nothing'),
        hint: expect.stringContaining('ForceCommand'),
      },
      ran: [],
    });
  });
});

describeUnless(reason, 'a server that answers in part', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(async () => {
    await sshd?.remove();
  });
  /** An ssh2 server that answers each script by `answer`. */
  const serve = async (answer: (channel: ServerChannel, nonce: string) => void): Promise<HostConnection> => {
    const server = new ssh2.Server({ hostKeys: [readFileSync(join(sshd.dir, 'ed25519'))] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (context) => context.accept());
      client.on('session', (accept) => {
        accept().on('exec', (acceptExec) => {
          const channel = acceptExec();
          let script = '';
          channel.on('data', (chunk: Buffer) => {
            script += chunk;
          });
          channel.on('end', () => answer(channel, parseScript(script).nonce));
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return sshd.host('kvm-1', { port: address.port });
  };
  const say = (channel: ServerChannel, nonce: string, until: number): void => {
    for (let number = 0; number <= until; number += 1) {
      const { stdout, stderr } = frame(nonce, number, 0, number);
      channel.write(stdout);
      channel.stderr.write(stderr);
    }
  };

  test.each([
    [
      'all frames and the exit code',
      'done',
      (channel: ServerChannel, nonce: string) => {
        say(channel, nonce, 1);
        channel.exit(0);
        channel.end();
      },
    ],
    [
      'all frames, the exit code, and a channel that stays open',
      'done',
      (channel: ServerChannel, nonce: string) => {
        say(channel, nonce, 1);
        channel.exit(0);
      },
    ],
    [
      'the exit code before the frames',
      'done',
      (channel: ServerChannel, nonce: string) => {
        channel.exit(0);
        say(channel, nonce, 1);
        channel.end();
      },
    ],
    [
      'no exit code',
      'unknown',
      (channel: ServerChannel, nonce: string) => {
        say(channel, nonce, 1);
        channel.close();
      },
    ],
    [
      'no closing frame',
      'unknown',
      (channel: ServerChannel, nonce: string) => {
        say(channel, nonce, 0);
        channel.exit(0);
        channel.end();
      },
    ],
    [
      'a shell that was killed',
      'unknown',
      (channel: ServerChannel, nonce: string) => {
        say(channel, nonce, 0);
        channel.exit('KILL', false, '');
        channel.end();
      },
    ],
    [
      'nothing at all',
      'unknown',
      (channel: ServerChannel) => {
        channel.close();
      },
    ],
  ] as const)('%s: %s', async (_, outcome, answer) => {
    const { fleet } = open(await serve(answer));
    expect(await fleet.run('kvm-1', uname)).toMatchObject({ outcome });
  });
});
