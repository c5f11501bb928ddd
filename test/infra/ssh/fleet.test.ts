/** The fleet against a real OpenSSH server: what a call does when all is well with the link. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Command, DEFAULT_LIMITS } from '../../../src/domain/command.ts';
import { openFleet, type SshFleet } from '../../../src/infra/ssh/fleet.ts';
import type { CallResult, HostCall, Ran } from '../../../src/operations/ports.ts';
import { describeUnless } from '../../kit/needs.ts';
import { realClock } from '../../kit/real-clock.ts';
import { type Sshd, startSshd, waitFor, whyNoSshd } from '../../kit/sshd.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });
const reason = whyNoSshd();

const call = (...commands: Command[]): HostCall<readonly Ran[]> => ({ title: 'Try it', commands, parse: (ran) => ran });
const quick = (...argv: Command['argv']): Command => ({ argv, limit: 'quick' });
const ranOf = (result: CallResult<unknown>): readonly Ran[] => {
  expect(result).toMatchObject({ outcome: 'done' });
  return result.ran;
};
/** Processes whose command line holds `text`. */
const processesOf = (text: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });

describeUnless(reason, 'over a real sshd', () => {
  let sshd: Sshd;
  let fleet: SshFleet;
  beforeAll(async () => {
    sshd = await startSshd();
    fleet = openFleet([sshd.host('kvm-1'), sshd.host('kvm-2', { limits: { ...DEFAULT_LIMITS, quick: 0.5 } })], {
      clock: realClock,
      settings: { outputLimit: 1024 * 1024 },
    });
  });
  afterAll(async () => {
    await fleet?.close();
    await sshd?.remove();
  });
  /** A named pipe: whoever reads it hangs. */
  const fifo = (): string => {
    const path = join(sshd.dir, `fifo-${randomBytes(4).toString('hex')}`);
    execFileSync('mkfifo', [path]);
    return path;
  };
  /** Lets every reader of a pipe go on. */
  const feed = (path: string): void => {
    execFileSync('timeout', ['5', 'sh', '-c', `echo >${path}`]);
  };

  test('calls in turn take one script, and each has its own result', async () => {
    const said = (text: string): HostCall<string> => ({
      title: `Say ${text}`,
      commands: [
        quick('bash', '-c', 'printf %s "$1"', '-', text),
        { ...quick('bash', '-c', 'exit 1'), onFailure: 'go-on' },
      ],
      parse: (ran) => ran[0]?.stdout ?? '',
    });
    const before = fleet.status('kvm-1').stats.calls;
    const well = await fleet.runInTurn('kvm-1', [said('a'), said('b')]);
    expect(well).toMatchObject([
      { outcome: 'done', value: 'a' },
      { outcome: 'done', value: 'b' },
    ]);
    expect(fleet.status('kvm-1').stats.calls - before).toBe(1);
    const refused = { ...call(quick('id'), quick('bash', '-c', 'echo no >&2; exit 3'), quick('id')), title: 'Ask' };
    const results = await fleet.runInTurn('kvm-1', [said('a'), refused, said('never')]);
    expect(results).toMatchObject([
      { outcome: 'done', value: 'a' },
      { outcome: 'failed', error: { code: 'host_fault', message: 'Ask failed on kvm-1: no' } },
    ]);
    expect(results.map(({ ran }) => ran.length)).toEqual([2, 2]);
    const unreadable: HostCall<never> = {
      ...said('c'),
      title: 'Read',
      parse: () => {
        throw new SyntaxError('what is this');
      },
    };
    expect(await fleet.runInTurn('kvm-1', [unreadable, said('ran')])).toMatchObject([
      { outcome: 'failed', error: { message: expect.stringMatching(/^Read: .* can't be read/) } },
    ]);
    // What hangs is unknown, and what stood before it is not.
    const slow = { ...call(quick('bash', '-c', 'exec sleep 60')), title: 'Sleep' };
    const late = await fleet.runInTurn('kvm-2', [said('a'), slow], { lane: 'change' });
    expect(late.map(({ outcome }) => outcome)).toEqual(['done', 'unknown']);
  });

  test('arguments arrive as they are', async () => {
    const nasty = [
      '',
      "it's",
      '$(touch /tmp/owned)',
      '`id`',
      '*',
      'a\nb',
      '; reboot',
      '"\\',
      'ü 🙂',
      '-n',
      '\x01\x7f\x81',
    ];
    const complaints = await fleet.run(
      'kvm-1',
      call({ ...quick('stat', '--', '/nowhere/$(id) *'), onFailure: 'go-on' }),
    );
    expect(ranOf(complaints)[0]?.stderr).toContain("'/nowhere/$(id) *'");
    const same = await fleet.run('kvm-1', call(...nasty.map((it) => quick('test', `x${it}`, '=', `x${it}`))));
    expect(ranOf(same)).toHaveLength(nasty.length);
    const shown = await fleet.run(
      'kvm-1',
      call(...nasty.map((it) => ({ ...quick('sha256sum'), stdin: { kind: 'text', text: it, label: '' } }) as const)),
    );
    const sum = (text: string) => `${createHash('sha256').update(text).digest('hex')}  -\n`;
    expect(ranOf(shown).map(({ stdout }) => stdout)).toEqual(nasty.map((it) => sum(it === '' ? '' : `${it}\n`)));
  });

  test('bytes arrive as they are', async () => {
    const bytes = randomBytes(600_000);
    const result = await fleet.run(
      'kvm-1',
      call({ ...quick('sha256sum'), stdin: { kind: 'bytes', base64: bytes.toString('base64'), label: '' } }),
    );
    expect(ranOf(result)[0]?.stdout).toBe(`${createHash('sha256').update(bytes).digest('hex')}  -\n`);
  });

  test('go-on goes on, stop stops, and says what failed', async () => {
    const result = await fleet.run(
      'kvm-1',
      call(
        { ...quick('cat', '/nowhere'), onFailure: 'go-on' },
        quick('uname'),
        quick('cat', '/nowhere'),
        quick('uname'),
      ),
    );
    expect(result.ran.map(({ exit }) => exit)).toEqual([1, 0, 1]);
    expect(result).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'host_fault',
        message: 'Try it failed on kvm-1: cat: /nowhere: No such file or directory',
        command: {
          host: 'kvm-1',
          command: 'timeout -k 5 30 cat /nowhere',
          exit: 1,
          lastLines: 'cat: /nowhere: No such file or directory',
        },
      },
    });
  });

  test('an answer that the parser refuses is a fault of the host', async () => {
    const result = await fleet.run('kvm-1', {
      ...call(quick('uname')),
      parse: () => Number(Buffer.alloc(1).readInt32LE()),
    });
    expect(result).toMatchObject({
      outcome: 'failed',
      error: { code: 'host_fault', message: "Try it: the answer of kvm-1 can't be read" },
    });
  });

  test('the time limit ends the process on the host; a change is then unknown', async () => {
    const path = fifo();
    const result = await fleet.run('kvm-2', call(quick('cat', path)));
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'host_fault', command: { exit: 124 } } });
    expect(result).toMatchObject({ error: { message: expect.stringContaining('ended by its time limit') } });
    expect(processesOf(path)).toEqual([]);
    const change = await fleet.run('kvm-2', call(quick('cat', path)), { lane: 'change' });
    expect(change).toMatchObject({ outcome: 'unknown', error: { code: 'outcome_unknown' } });
  });

  test('too much output ends the call and the process: a read has failed, a change is unknown', async () => {
    const read = await fleet.run('kvm-1', call(quick('dd', 'if=/dev/zero', 'bs=65537')));
    expect(read).toMatchObject({
      outcome: 'failed',
      error: { code: 'host_fault', message: expect.stringContaining('more than the 1 MiB') },
    });
    const change = await fleet.run('kvm-1', call(quick('dd', 'if=/dev/zero', 'bs=65537')), { lane: 'change' });
    expect(change).toMatchObject({ outcome: 'unknown', error: { code: 'outcome_unknown' } });
    await waitFor('dd to end', () => processesOf('bs=65537').length === 0);
    expect(ranOf(await fleet.run('kvm-1', call(quick('uname'))))[0]?.stdout).toBe('Linux\n');
  });

  test('thirty reads at once share eight channels of one connection', async () => {
    const before = fleet.status('kvm-1').stats.connects;
    const reads = Array.from({ length: 30 }, (_, index) =>
      fleet.run('kvm-1', call(quick('cat', '/proc/uptime'), quick('test', `${index}`))),
    );
    expect(fleet.status('kvm-1').channels.open).toBeLessThanOrEqual(8);
    await waitFor('all eight in use', () => fleet.status('kvm-1').channels.open === 8);
    expect((await Promise.all(reads)).filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    expect(fleet.status('kvm-1').stats.connects).toBe(before);
    expect(fleet.status('kvm-1').stats.channelWaitMax).toBeGreaterThan(0);
    await waitFor('all channels to be given back', () => fleet.status('kvm-1').channels.open === 0);
  });

  test('reads do not queue behind changes', async () => {
    const path = fifo();
    const aborters = Array.from({ length: 20 }, () => new AbortController());
    const changes = aborters.map(({ signal }) =>
      fleet.run('kvm-1', call(quick('cat', path)), { lane: 'change', signal }),
    );
    await waitFor('six changes', () => fleet.status('kvm-1').channels.open === 6 && processesOf(path).length >= 12);
    expect(fleet.status('kvm-1').channels.waiting).toBe(14);
    expect(ranOf(await fleet.run('kvm-1', call(quick('uname'))))[0]?.stdout).toBe('Linux\n');
    for (const aborter of aborters) aborter.abort();
    const outcomes = (await Promise.all(changes)).map((it) => (it.outcome === 'done' ? 'done' : it.error.code));
    expect(outcomes.filter((it) => it === 'outcome_unknown')).toHaveLength(6);
    expect(outcomes.filter((it) => it === 'cancelled')).toHaveLength(14);
    // sshd counts a session until its process has ended, and so do we.
    await waitFor('the six to be left', () => fleet.status('kvm-1').channels.open === 6);
    feed(path);
    await waitFor('the channels to be given back', () => fleet.status('kvm-1').channels.open === 0);
  });

  test('given up in the middle, nothing further begins', async () => {
    const path = fifo();
    const made = join(sshd.dir, 'made');
    const aborter = new AbortController();
    const commands = call(quick('cat', path), quick('mkdir', made));
    const running = fleet.run('kvm-1', commands, { lane: 'change', signal: aborter.signal });
    await waitFor('cat to run', () => processesOf(path).length > 0);
    aborter.abort();
    const result = await running;
    expect(result).toMatchObject({ outcome: 'unknown', error: { code: 'outcome_unknown' } });
    expect(result.ran.map(({ exit }) => exit).filter((exit) => exit !== null)).toEqual([]);
    // An answer over the same link tells that sshd has heard of the end.
    ranOf(await fleet.run('kvm-1', call(quick('uname'))));
    feed(path);
    await waitFor('the channel to be given back', () => fleet.status('kvm-1').channels.open === 0);
    expect(existsSync(made)).toBe(false);
    const late = await fleet.run('kvm-1', call(quick('uname')), { signal: aborter.signal });
    expect(late).toMatchObject({ outcome: 'failed', error: { code: 'cancelled' } });
  });

  test('a read that finds no free channel for long is told so', async () => {
    const path = fifo();
    const small = openFleet([sshd.host('kvm-1', { channels: 1 })], { clock: realClock, settings: { readWait: 50 } });
    const running = small.run('kvm-1', call(quick('cat', path)));
    await waitFor('cat to run', () => processesOf(path).length > 0);
    const late = await small.run('kvm-1', call(quick('uname')));
    expect(late).toMatchObject({
      outcome: 'failed',
      error: { code: 'host_unreachable', message: expect.stringContaining('busy') },
    });
    feed(path);
    ranOf(await running);
    await small.close();
  });

  test('hosts, lines and unknown names', async () => {
    expect(fleet.hosts()).toEqual(['kvm-1', 'kvm-2']);
    expect(fleet.line('kvm-2', { ...quick('lvs', '--', 'a b'), sudo: true })).toBe(
      "sudo -n timeout -k 5 0.5 lvs -- 'a b'",
    );
    await expect(fleet.run('nowhere', call(quick('uname')))).rejects.toMatchObject({ code: 'not_found' });
  });
});
