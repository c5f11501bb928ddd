/** Trouble on command, over HTTP as with curl: each is what the bot meets, and each can be ended. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configText } from '../../../demo/fleet/config-file.ts';
import type { TroubleKind } from '../../../demo/fleet/control.ts';
import { type RunningFleet, startFleet } from '../../../demo/fleet/fleet.ts';
import { connectionsOf, readConfig } from '../../../src/config.ts';
import type { Observation } from '../../../src/domain/inventory.ts';
import { systemClock } from '../../../src/infra/clock.ts';
import { makeDriver } from '../../../src/infra/driver.ts';
import { openFleet, type SshFleet } from '../../../src/infra/ssh/fleet.ts';
import type { CallResult } from '../../../src/operations/ports.ts';

let fleet: RunningFleet;
let ssh: SshFleet;
beforeAll(async () => {
  fleet = await startFleet({ hosts: 2, vms: 6, life: 'off', osUser: 'somebody', controlPort: 0 });
  const read = readConfig(configText([], fleet.config), '/', {});
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  const quick = connectionsOf(read.config, {}).map((host) => ({ ...host, limits: { ...host.limits, quick: 1 } }));
  ssh = openFleet(quick, { clock: systemClock, settings: { circuitFirst: 20, circuitMax: 50 } });
});
afterAll(async () => {
  await ssh?.close();
  await fleet?.close();
});

interface Sent {
  readonly status: number;
  readonly body: unknown;
}

function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Sent> {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
  const type = method === 'POST' ? { 'content-type': 'application/json' } : {};
  return new Promise((resolve, reject) => {
    const asked = request(`${fleet.controlUrl}${path}`, { method, headers: { ...type, ...headers } }, (response) => {
      let said = '';
      response.on('data', (chunk) => {
        said += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(said) }));
    });
    asked.on('error', reject);
    asked.end(method === 'POST' ? text : undefined);
  });
}

const trouble = (kind: TroubleKind | 'clear', more: object = {}) =>
  send('POST', '/fleet/kvm-1/trouble', { kind, ...more });
const look = (): Promise<CallResult<Observation>> => ssh.run('kvm-1', makeDriver().observe('cloudvg'));
const healthy = (seen: CallResult<Observation>): boolean => seen.outcome === 'done' && seen.value.problems.length === 0;

describe('control', () => {
  it('shows the fleet', async () => {
    const { status, body } = await send('GET', '/fleet');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      life: { mode: 'off', load: 1 },
      hosts: [
        { name: 'kvm-1', port: fleet.doors[0]?.port, troubles: [], unknown: [], vms: [{}, {}, {}] },
        { name: 'kvm-2' },
      ],
    });
  });

  it.each<readonly [TroubleKind, object, (seen: CallResult<Observation>) => boolean]>([
    ['down', {}, (seen) => seen.outcome !== 'done'],
    ['key-changed', {}, (seen) => seen.outcome === 'failed' && seen.error.message.includes('key')],
    [
      'sudo-refused',
      {},
      (seen) => seen.outcome === 'done' && seen.value.volumes === null && seen.value.domains !== null,
    ],
    ['libvirtd-stopped', {}, (seen) => seen.outcome === 'done' && seen.value.domains === null],
    [
      'pool-full',
      {},
      (seen) =>
        seen.outcome === 'done' && seen.value.volumes?.find((it) => it.kind === 'thin-pool')?.dataPercent === 100,
    ],
    ['hang', {}, (seen) => seen.ran[0]?.exit === 124],
    ['cut-output', {}, (seen) => seen.outcome === 'unknown'],
    ['slow', { ms: 60 }, (seen) => seen.outcome === 'done' && seen.ran.every(({ ms }) => ms >= 40)],
  ])('%s is what the bot meets, until it is cleared', async (kind, more, met) => {
    await expect.poll(async () => healthy(await look()), { timeout: 10_000, interval: 30 }).toBe(true);
    const made = await trouble(kind, more);
    expect(made).toMatchObject({ status: 200, body: { troubles: [kind] } });
    // A link that was cut this very moment may still look whole to the bot.
    await expect.poll(async () => met(await look()), { timeout: 10_000, interval: 30 }).toBe(true);
    expect(await trouble('clear')).toMatchObject({ status: 200, body: { troubles: [] } });
    await expect.poll(async () => healthy(await look()), { timeout: 10_000, interval: 30 }).toBe(true);
  });

  it('crashes, panics and starts a VM, as libvirt tells it', async () => {
    const [domain] = fleet.hosts[0]?.model.domains ?? [];
    const act = (what: string) => send('POST', `/fleet/kvm-1/vm/${domain?.name}`, { act: what });
    const state = async () => {
      const seen = await ssh.run('kvm-1', makeDriver().domains.look(domain?.uuid ?? ''));
      return seen.outcome === 'done' && seen.value !== null ? `${seen.value.state} ${seen.value.reason}` : 'unseen';
    };
    if (domain?.live === null) await act('start');
    expect((await act('crash')).status).toBe(200);
    expect(await state()).toBe('shut off crashed');
    expect(await act('crash')).toMatchObject({ status: 409, body: { error: { code: 'wrong_state' } } });
    await act('start');
    expect(await state()).toBe('running booted');
    await act('panic');
    expect(await state()).toBe('crashed panicked');
    await act('power-off');
    await act('start');
    await act('io-error');
    expect(await state()).toBe('paused I/O error');
  });

  it('sets the life', async () => {
    expect(await send('POST', '/fleet/life', { mode: 'busy', load: 2 })).toMatchObject({
      body: { mode: 'busy', load: 2 },
    });
    expect(fleet.control.life.mode()).toBe('busy');
    await send('POST', '/fleet/life', { mode: 'off' });
  });

  it('is closed to other names, other pages, and what a page may send without asking', async () => {
    const forbidden = { status: 403, body: { error: { code: 'forbidden' } } };
    expect(await send('GET', '/fleet', undefined, { host: 'evil.example' })).toMatchObject(forbidden);
    expect(
      await send('POST', '/fleet/kvm-1/trouble', { kind: 'down' }, { origin: 'https://evil.example' }),
    ).toMatchObject(forbidden);
    const plain = await send('POST', '/fleet/kvm-1/trouble', { kind: 'down' }, { 'content-type': 'text/plain' });
    expect(plain).toMatchObject({ status: 400, body: { error: { message: 'Only application/json is taken' } } });
    expect(fleet.hosts[0]?.trouble.down).toBe(false);
    const port = new URL(fleet.controlUrl ?? '').port;
    expect((await send('GET', '/fleet', undefined, { origin: `http://localhost:${port}` })).status).toBe(200);
  });

  it.each<readonly [string, string, unknown, number]>([
    ['/fleet/kvm-9/trouble', 'an unknown host', { kind: 'down' }, 404],
    ['/fleet/kvm-1/vm/nobody', 'an unknown VM', { act: 'crash' }, 404],
    ['/fleet/kvm-1/trouble', 'an unknown trouble', { kind: 'fire' }, 400],
    ['/fleet/kvm-1/trouble', 'a key that it has not', { kind: 'down', host: 'x' }, 400],
    ['/fleet/kvm-1/trouble', 'no JSON', '{', 400],
    ['/fleet/%E0%A4%A/trouble', 'a broken address', { kind: 'down' }, 400],
    ['/other', 'another place', {}, 404],
  ])('%s: refuses %s', async (path, _, body, status) => {
    expect(await send('POST', path, body)).toMatchObject({ status, body: { error: { message: expect.any(String) } } });
  });
});
