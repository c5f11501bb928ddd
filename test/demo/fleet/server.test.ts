import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../demo/fleet/clock.ts';
import { makeSimHost, type SimHost } from '../../../demo/fleet/host.ts';
import { makeKeyPair } from '../../../demo/fleet/keys.ts';
import { type HostServer, serveHost } from '../../../demo/fleet/server.ts';
import { DEFAULT_LIMITS } from '../../../src/domain/command.ts';
import { makeDriver } from '../../../src/infra/driver.ts';
import { openFleet, type SshFleet } from '../../../src/infra/ssh/fleet.ts';
import type { SshEvent } from '../../../src/infra/ssh/types.ts';

const driver = makeDriver();
const marks = { op: 'op_1', vm: 'vm_1' };
const volume = { vg: 'cloudvg', name: 'vm-1-d0' };
const create = driver.volumes.createThin({ ...volume, pool: 'thinpool', sizeBytes: 1024 ** 3, marks });

let dir: string;
let host: SimHost;
let server: HostServer;
let fleet: SshFleet;
let events: SshEvent[];
const user = makeKeyPair('bot');

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hostler-sim-'));
  await writeFile(join(dir, 'id'), user.privateKey, { mode: 0o600 });
  host = makeSimHost({ name: 'kvm-1' });
  server = await serveHost(host, { authorizedKeys: [user.publicKey] });
  events = [];
  const end = { address: server.address, port: server.port, user: 'hostler', hostKeys: [server.hostKey()] };
  fleet = openFleet([{ ...end, name: 'kvm-1', identityFiles: [join(dir, 'id')], limits: DEFAULT_LIMITS }], {
    clock: realClock,
    onEvent: (event) => events.push(event),
  });
});
afterEach(async () => {
  await fleet.close();
  await server.close();
  await rm(dir, { recursive: true });
});

describe('a simulated host over ssh', () => {
  it('answers scripts as over sshd', async () => {
    expect(await fleet.run('kvm-1', driver.observe('cloudvg'))).toMatchObject({
      outcome: 'done',
      value: { problems: [] },
    });
    expect(await fleet.run('kvm-1', create, { lane: 'change' })).toMatchObject({ outcome: 'done' });
    expect(await fleet.run('kvm-1', create, { lane: 'change' })).toMatchObject({
      outcome: 'failed',
      ran: [{ exit: 5, stderr: '  Logical Volume "vm-1-d0" already exists in volume group "cloudvg"\n' }],
    });
    expect(host.unknown()).toEqual([]);
  });

  it('knows no other exec line, and puts it on record', async () => {
    const client = new ssh2.Client();
    const exit = await new Promise((resolve, reject) => {
      client.on('error', reject);
      client.on('ready', () =>
        client.exec('virsh list', (error, channel) => {
          if (error) reject(error);
          else channel.on('exit', resolve).end();
        }),
      );
      client.connect({ host: server.address, port: server.port, username: 'hostler', privateKey: user.privateKey });
    });
    client.end();
    expect(exit).toBe(127);
    expect(host.unknown()).toEqual(['unknown command: virsh list']);
  });

  it.each(['before', 'midway', 'after'] as const)(
    'cuts the link %s a command: unknown, and the link comes back',
    async (when) => {
      host.trouble.add({ match: /lvcreate/, when, kind: 'cut' });
      expect(await fleet.run('kvm-1', create, { lane: 'change' })).toMatchObject({ outcome: 'unknown' });
      const seen = await fleet.run('kvm-1', driver.volumes.look(volume));
      expect(seen).toMatchObject({ outcome: 'done', value: when === 'before' ? null : { name: 'vm-1-d0' } });
    },
  );

  it('cuts the link in the middle of an answer', async () => {
    host.trouble.add({ match: / lvs /, when: 'after', kind: 'cut-output' });
    const cut = await fleet.run('kvm-1', driver.volumes.look(volume), { lane: 'change' });
    expect(cut).toMatchObject({ outcome: 'unknown' });
  });

  it('is unreachable while down, and back afterwards', async () => {
    await fleet.run('kvm-1', driver.observe('cloudvg'));
    host.trouble.down = true;
    expect(await fleet.run('kvm-1', create)).toMatchObject({ outcome: 'failed', error: { code: 'host_unreachable' } });
    host.trouble.down = false;
    expect(await fleet.run('kvm-1', create)).toMatchObject({ outcome: 'done' });
  });

  it('can show another host key', async () => {
    await fleet.run('kvm-1', driver.observe('cloudvg'));
    server.changeKey();
    expect(await fleet.run('kvm-1', create)).toMatchObject({ outcome: 'failed', error: { code: 'host_unreachable' } });
    expect(events.map((it) => it.kind)).toContain('key_changed');
  });

  it('lets nobody in without the key, and opens ten sessions at most', async () => {
    const stranger = makeKeyPair('stranger');
    const connect = (privateKey: string) =>
      new Promise<ssh2.Client>((resolve, reject) => {
        const client = new ssh2.Client();
        client.on('ready', () => resolve(client)).on('error', reject);
        client.connect({ host: server.address, port: server.port, username: 'hostler', privateKey });
      });
    await expect(connect(stranger.privateKey)).rejects.toThrow(/authentication/);
    const client = await connect(user.privateKey);
    const open = () =>
      new Promise<string>((resolve) => client.exec('exec /bin/sh -s', (error) => resolve(error ? 'refused' : 'open')));
    const answers = await Promise.all(Array.from({ length: 11 }, open));
    client.end();
    expect(answers.filter((it) => it === 'open')).toHaveLength(10);
  });
});
