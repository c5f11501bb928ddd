/** Coming to a host: keys, agent, jump hosts, reconnects, the circuit. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { type FleetDeps, openFleet, type SshFleet } from '../../../src/infra/ssh/fleet.ts';
import { fingerprint } from '../../../src/infra/ssh/host-key.ts';
import type { HostConnection, SshEvent } from '../../../src/infra/ssh/types.ts';
import type { CallResult, HostCall, Ran } from '../../../src/operations/ports.ts';
import { freePort } from '../../kit/free-port.ts';
import { describeUnless } from '../../kit/needs.ts';
import { realClock } from '../../kit/real-clock.ts';
import { type Sshd, startSshd, waitFor, whyNoSshd } from '../../kit/sshd.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });
const reason = whyNoSshd();

const uname: HostCall<readonly Ran[]> = {
  title: 'Ask its name',
  commands: [{ argv: ['uname'], limit: 'quick' }],
  parse: (ran) => ran,
};
const told = (result: CallResult<unknown>): string =>
  result.outcome === 'done' ? 'done' : `${result.error.message} | ${result.error.hint}`;
const sha256 = (publicKey: string): string => fingerprint(Buffer.from(publicKey.split(' ')[1] ?? '', 'base64'));
const fastCircuit = { circuitFailures: 2, circuitFirst: 150, circuitMax: 300 };

function open(
  hosts: readonly HostConnection[],
  deps: Partial<FleetDeps> = {},
): { fleet: SshFleet; events: SshEvent[] } {
  const events: SshEvent[] = [];
  const fleet = openFleet(hosts, { clock: realClock, onEvent: (event) => events.push(event), ...deps });
  onTestFinished(() => fleet.close());
  return { fleet, events };
}

describeUnless(reason, 'coming to a host', () => {
  let sshd: Sshd;
  let other: Sshd;
  beforeAll(async () => {
    [sshd, other] = await Promise.all([startSshd({ keyTypes: ['ecdsa', 'ed25519', 'rsa'] }), startSshd()]);
  });
  afterAll(async () => {
    await Promise.all([sshd?.remove(), other?.remove()]);
  });
  const publicKey = (type: string): string => readFileSync(join(sshd.dir, `${type}.pub`), 'utf8').trim();

  test.each(['ecdsa', 'ed25519', 'rsa'])(
    'a pinned %s key is found among three, by key and by fingerprint',
    async (type) => {
      const key = publicKey(type);
      const hosts = [sshd.host('full', { hostKeys: [key] }), sshd.host('print', { hostKeys: [sha256(key)] })];
      const { fleet, events } = open(hosts);
      for (const { name } of hosts) expect(told(await fleet.run(name, uname))).toBe('done');
      expect(events.map(({ kind }) => kind)).toEqual(['connected', 'connected']);
    },
  );

  test.each(['full', 'fingerprint'])(
    'another key than the pinned %s is refused, told, and never taken',
    async (form) => {
      const pin = form === 'full' ? other.hostKey : sha256(other.hostKey);
      const { fleet, events } = open([sshd.host('kvm-1', { hostKeys: [pin] })]);
      const result = await fleet.run('kvm-1', uname);
      expect(result).toMatchObject({ outcome: 'failed', error: { code: 'host_unreachable' }, ran: [] });
      expect(told(result)).toMatch(/host key changed: expected SHA256:\S+, got SHA256:\S+ \(\S+\) \| Compare with/);
      const got = form === 'full' ? sha256(publicKey('ed25519')) : expect.stringContaining('SHA256:');
      expect(events).toEqual([{ kind: 'key_changed', host: 'kvm-1', expected: [sha256(other.hostKey)], got }]);
      await fleet.run('kvm-1', uname);
      expect(events).toHaveLength(1);
    },
  );

  test('a host that no longer has a key of the pinned type has changed its key', async () => {
    const { fleet, events } = open([other.host('kvm-1', { hostKeys: [publicKey('rsa')] })]);
    expect(told(await fleet.run('kvm-1', uname))).toContain('host key changed');
    expect(events.map(({ kind }) => kind)).toEqual(['key_changed']);
  });

  test('a key of ours that the host does not know, and one that is not there', async () => {
    const strange = other.host('kvm-1', { identityFiles: [sshd.identityFile] });
    const missing = other.host('kvm-2', { identityFiles: ['/nowhere/key'] });
    const { fleet } = open([strange, missing]);
    expect(told(await fleet.run('kvm-1', uname))).toMatch(
      /authentication methods failed \| The host takes none of our keys/,
    );
    expect(told(await fleet.run('kvm-2', uname))).toMatch(/identity file \/nowhere\/key: .* \| Hostler needs/);
  });

  test('the second identity file is tried, and an encrypted one opened with its passphrase', async () => {
    const locked = join(other.dir, 'locked');
    execFileSync('cp', [other.identityFile, locked]);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', locked]);
    const identityFiles = [sshd.identityFile, locked];
    const { fleet } = open([
      other.host('kvm-1', { identityFiles: [sshd.identityFile, other.identityFile] }),
      other.host('kvm-2', { identityFiles, passphrase: 'open sesame' }),
      other.host('kvm-3', { identityFiles, passphrase: 'wrong' }),
    ]);
    expect(told(await fleet.run('kvm-1', uname))).toBe('done');
    expect(told(await fleet.run('kvm-2', uname))).toBe('done');
    expect(told(await fleet.run('kvm-3', uname))).toContain('locked');
  });

  test('the agent knows our key', async () => {
    const socket = join(other.dir, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    onTestFinished(() => void agent.kill());
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    await waitFor('the agent', () => {
      try {
        execFileSync('ssh-add', ['-q', other.identityFile], { env, stdio: 'pipe' });
        return true;
      } catch {
        return false;
      }
    });
    vi.stubEnv('SSH_AUTH_SOCK', socket);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { fleet } = open([
      other.host('by-path', { identityFiles: [], agent: socket }),
      other.host('by-env', { identityFiles: [], agent: true }),
      other.host('nobody', { identityFiles: [], agent: '/nowhere/agent' }),
    ]);
    expect(told(await fleet.run('by-path', uname))).toBe('done');
    expect(told(await fleet.run('by-env', uname))).toBe('done');
    expect(told(await fleet.run('nobody', uname))).toContain("Host nobody can't be reached");
  });

  test('over a jump host of the list, over one of its own, and over two', async () => {
    const own = {
      address: '127.0.0.1',
      port: sshd.port,
      user: sshd.host('x').user,
      hostKeys: [sshd.hostKey],
      identityFiles: [sshd.identityFile],
    };
    const dead = await freePort();
    const { fleet } = open([
      sshd.host('gate'),
      other.host('behind', { jump: 'gate' }),
      other.host('farther', { jump: 'behind' }),
      other.host('own', { jump: own }),
      other.host('dead', { jump: 'gate', port: dead }),
      other.host('wrong-gate', { jump: { ...own, hostKeys: [other.hostKey] } }),
    ]);
    for (const name of ['behind', 'farther', 'own']) expect(told(await fleet.run(name, uname))).toBe('done');
    expect(fleet.status('gate').stats).toMatchObject({ connects: 1, calls: 0 });
    expect(told(await fleet.run('dead', uname))).toMatch(
      `Host dead can't be reached over its jump host gate: it opens no way to 127.0.0.1:${dead}`,
    );
    expect(told(await fleet.run('wrong-gate', uname))).toContain('host key changed');
    expect(() => fleet.update([other.host('a', { jump: 'b' })])).toThrow('no other host');
    expect(() => fleet.update([other.host('a', { jump: 'b' }), other.host('b', { jump: 'a' })])).toThrow(
      'no other host',
    );
    expect(fleet.hosts()).toHaveLength(6);
  });

  test('sshd restarts: what ran is unknown, and the next call finds the host again', async () => {
    const restarting = await startSshd();
    onTestFinished(() => restarting.remove());
    const { fleet, events } = open([restarting.host('kvm-1')]);
    expect(told(await fleet.run('kvm-1', uname))).toBe('done');
    await restarting.stop();
    await waitFor('the loss to be seen', () => events.some(({ kind }) => kind === 'lost'));
    expect(fleet.status('kvm-1').link).toBe('idle');
    expect(told(await fleet.run('kvm-1', uname))).toMatch(/ECONNREFUSED .*is sshd running/);
    await restarting.start();
    expect(told(await fleet.run('kvm-1', uname))).toBe('done');
    expect(fleet.status('kvm-1').stats).toMatchObject({ connects: 2, connectFailures: 1, done: 2, failed: 1 });
  });

  test('the circuit opens for a dead host, fails fast, and closes by itself', async () => {
    const flaky = await startSshd();
    onTestFinished(() => flaky.remove());
    const { fleet, events } = open([flaky.host('kvm-1')], {
      settings: { ...fastCircuit, circuitFirst: 60_000, circuitMax: 60_000 },
    });
    await flaky.stop();
    for (let i = 0; i < 2; i += 1) expect(told(await fleet.run('kvm-1', uname))).not.toContain('next try');
    expect(fleet.status('kvm-1').link).toBe('circuit_open');
    const fast = await fleet.run('kvm-1', uname);
    expect(told(fast)).toMatch(/ECONNREFUSED .*; next try in \d+ s \| Nothing listens/);
    expect(fleet.status('kvm-1').stats.connectFailures).toBe(2);
    expect(events.map(({ kind }) => kind)).toEqual(['circuit_opened']);

    const soon = open([flaky.host('kvm-1')], { settings: fastCircuit });
    for (let i = 0; i < 2; i += 1) await soon.fleet.run('kvm-1', uname);
    await waitFor('probes', () => soon.fleet.status('kvm-1').stats.connectFailures >= 4);
    await flaky.start();
    await waitFor('the circuit to close', () => soon.fleet.status('kvm-1').link === 'up');
    expect(told(await soon.fleet.run('kvm-1', uname))).toBe('done');
    expect(soon.events.map(({ kind }) => kind)).toEqual(['circuit_opened', 'connected', 'circuit_closed']);
  });

  test('update: what stays keeps its link, what goes ends after its calls, what changes connects anew', async () => {
    const { fleet, events } = open([other.host('stays'), other.host('changes'), other.host('goes')]);
    for (const name of fleet.hosts()) expect(told(await fleet.run(name, uname))).toBe('done');
    const running = fleet.run('goes', uname);
    fleet.update([other.host('stays'), other.host('changes', { channels: 4 }), other.host('new')]);
    expect(told(await running)).toBe('done');
    await expect(fleet.run('goes', uname)).rejects.toMatchObject({ code: 'not_found' });
    for (const name of fleet.hosts()) expect(told(await fleet.run(name, uname))).toBe('done');
    const connected = events.filter(({ kind }) => kind === 'connected').map(({ host }) => host);
    expect(connected).toEqual(['stays', 'changes', 'goes', 'changes', 'new']);
  });

  test('after close nothing is reached', async () => {
    const { fleet } = open([other.host('kvm-1')]);
    const running = fleet.run('kvm-1', uname);
    await fleet.close();
    expect((await running).outcome).not.toBe('done');
    expect(await fleet.run('kvm-1', uname)).toMatchObject({ outcome: 'failed', error: { code: 'host_unreachable' } });
  });
});
