/** The parts of the connection that need no host. */
import { expect, test } from 'vitest';
import { changeLimit, makeChannels } from '../../../src/infra/ssh/channels.ts';
import { makeCircuit } from '../../../src/infra/ssh/circuit.ts';
import { diagnose, lastLines } from '../../../src/infra/ssh/diagnose.ts';
import { frame, readAnswer } from '../../../src/infra/ssh/frames.ts';
import { isPinned, offeredAlgorithms, readPin } from '../../../src/infra/ssh/host-key.ts';

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl github.com';
/** As GitHub's documentation names it. */
const PRINT = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';

const patience = (signal?: AbortSignal, most = 60_000) => ({ signal, most, tooLong: () => new Error('too long') });

test('changes leave channels for reads, and each lane keeps its order', async () => {
  expect([1, 2, 3, 4, 8, 10].map(changeLimit)).toEqual([1, 1, 2, 2, 6, 8]);
  const channels = makeChannels(4);
  const order: string[] = [];
  const take = (lane: 'read' | 'change', name: string) =>
    channels.take(lane, patience()).then((release) => {
      order.push(name);
      return release;
    });
  const first = await take('change', 'c1');
  await take('change', 'c2');
  void take('change', 'c3');
  void take('change', 'c4');
  const read = await take('read', 'r1');
  await take('read', 'r2');
  const third = take('read', 'r3');
  expect([channels.open(), channels.waiting()]).toEqual([4, 3]);
  read();
  read();
  await third;
  first();
  await Promise.resolve();
  expect(order).toEqual(['c1', 'c2', 'r1', 'r2', 'r3', 'c3']);
  expect([channels.open(), channels.waiting()]).toEqual([4, 1]);
});

test('who is aborted leaves the queue', async () => {
  const channels = makeChannels(1);
  const release = await channels.take('read', patience());
  const aborter = new AbortController();
  const waiting = channels.take('read', patience(aborter.signal));
  aborter.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(channels.take('read', patience(aborter.signal))).rejects.toThrow('enough');
  await expect(channels.take('read', patience(undefined, 1))).rejects.toThrow('too long');
  release();
  expect([channels.open(), channels.waiting()]).toEqual([0, 0]);
});

test('the circuit opens after failures in a row, for longer each time, up to its most', () => {
  const circuit = makeCircuit({ circuitFailures: 3, circuitFirst: 1000, circuitMax: 5000 }, () => 0.5);
  const pauses = [1, 2, 3, 4, 5, 6, 7].map(() => {
    circuit.failed(10_000);
    return (circuit.openUntil() ?? 10_000) - 10_000;
  });
  expect(pauses).toEqual([0, 0, 750, 1500, 3000, 3750, 3750]);
  circuit.succeeded();
  circuit.failed(0);
  expect(circuit.openUntil()).toBeUndefined();
});

test('pins: full keys and fingerprints', () => {
  const key = Buffer.from(ED25519.split(' ')[1] ?? '', 'base64');
  expect(readPin(ED25519)).toEqual({ type: 'ssh-ed25519', fingerprint: PRINT });
  expect(isPinned(key, [ED25519])).toBe(true);
  expect(isPinned(key, ['SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', PRINT])).toBe(true);
  expect(isPinned(key, [])).toBe(false);
  expect(offeredAlgorithms([ED25519])).toEqual(['ssh-ed25519']);
  expect(offeredAlgorithms([PRINT], ['ssh-ed25519'])).toContain('rsa-sha2-512');
  expect(offeredAlgorithms([PRINT], ['ssh-ed25519'])).not.toContain('ssh-ed25519');
  for (const bad of ['', 'SHA256:short', 'ssh-ed25519', 'ssh-rsa AAAAC3NzaC1lZDI1NTE5', 'MD5:aa:bb', 'ssh-dss AAAA']) {
    expect(() => readPin(bad)).toThrow(RangeError);
  }
});

test('an answer cut at any place is not complete, and never tells a wrong exit code', () => {
  const nonce = 'ab'.repeat(16);
  const expected = ['one', 'two'].map((line) => ({ line, onFailure: 'stop' as const }));
  const frames = [frame(nonce, 0, 0, 1), frame(nonce, 1, 0, 1.5), frame(nonce, 2, 17, 12)];
  const stdout = `noise${frames[0]?.stdout}hello${frames[1]?.stdout}${frames[2]?.stdout}`;
  const stderr = `noise${frames[0]?.stderr}${frames[1]?.stderr}oh${frames[2]?.stderr}`;
  const whole = readAnswer(nonce, expected, stdout, stderr);
  expect(whole).toEqual({
    complete: true,
    ran: [
      { line: 'one', exit: 0, stdout: 'hello', stderr: '', ms: 500 },
      { line: 'two', exit: 17, stdout: '', stderr: 'oh', ms: 10_500 },
    ],
  });
  for (let cut = 0; cut < stdout.length; cut += 1) {
    const part = readAnswer(nonce, expected, stdout.slice(0, cut), stderr);
    expect(part.complete).toBe(false);
    for (const [index, { exit }] of part.ran.entries()) expect([null, whole.ran[index]?.exit]).toContain(exit);
  }
  for (let cut = 0; cut < stderr.length; cut += 1) {
    expect(readAnswer(nonce, expected, stdout, stderr.slice(0, cut)).complete).toBe(false);
  }
});

test.each([
  ['sudo: a password is required', 1, 'sudoers rule', 'hostler host sudoers'],
  [
    "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
    1,
    'libvirtd is not running',
    'systemctl start',
  ],
  [
    "error: authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
    1,
    'does not let our user in',
    'group libvirt',
  ],
  [
    '  Volume group "cloudvg" not found\n  Cannot process volume group cloudvg',
    5,
    'volume group cloudvg is not there',
    'vgs',
  ],
  [
    '  Cannot create new thin volume, free space in thin pool cloudvg/small reached threshold.',
    5,
    'no storage space',
    'Purge',
  ],
  ['  WARNING: Thin pool cloudvg/small is out of data space.', 5, 'no storage space', 'Purge'],
  ["dd: error writing '/dev/cloudvg/s1': No space left on device", 1, 'no storage space', 'Purge'],
  [
    '  Volume group "cloudvg" has insufficient free space (10101 extents): 128000 required.',
    5,
    'no storage space',
    'Purge',
  ],
  ['timeout: failed to run command ‘virsh’: No such file or directory', 127, 'virsh is not installed', 'hostler check'],
  ['sudo: lvs: command not found', 1, 'lvs is not installed', 'hostler check'],
  ['sh: 12: base64: not found', 127, 'base64 is not installed', 'hostler check'],
  ["error: failed to get domain 'kilo'", 1, 'no domain kilo', 'virsh list'],
  ['  /dev/mapper/control: open failed: Permission denied', 5, 'permission', 'sudoers'],
  ['', 124, 'time limit after 30 s', 'limits'],
  ['', 137, 'time limit after 30 s', 'limits'],
  [
    'error: Requested operation is not valid: domain is not running',
    1,
    'Requested operation is not valid: domain is not running',
    undefined,
  ],
  ['', 5, 'exit code 5', undefined],
])('it knows %j', (stderr, exit, say, hint) => {
  const found = diagnose({ line: 'x', exit, stdout: '', stderr, ms: 30_010 });
  expect(found.say).toContain(say);
  if (hint === undefined) expect(found.hint).toBeUndefined();
  else expect(found.hint).toContain(hint);
});

test('last lines are ten at most, of stdout where stderr is empty', () => {
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n');
  expect(lastLines({ stdout: 'x', stderr: `${lines}\n` }).split('\n')).toHaveLength(10);
  expect(lastLines({ stdout: 'out\n', stderr: '\n' })).toBe('out');
});
