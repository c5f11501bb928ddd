/** A whole fleet in this process: what it prints is a config that reaches it, what it was is there again after a restart. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { configText } from '../../../demo/fleet/config-file.ts';
import { type FleetOptions, type RunningFleet, startFleet } from '../../../demo/fleet/fleet.ts';
import { normalise } from '../../../demo/fleet/model/domain-xml.ts';
import { factsOf } from '../../../demo/fleet/model/facts.ts';
import { parseXml, printXml } from '../../../demo/fleet/model/xml.ts';
import { connectionsOf, readConfig } from '../../../src/config.ts';
import { systemClock } from '../../../src/infra/clock.ts';
import { makeDriver } from '../../../src/infra/driver.ts';
import { openFleet } from '../../../src/infra/ssh/fleet.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(options: Partial<FleetOptions> = {}): Promise<RunningFleet> {
  const fleet = await startFleet({ hosts: 2, vms: 7, teams: 3, life: 'off', osUser: 'somebody', ...options });
  ends.push(fleet.close);
  return fleet;
}
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'hostler-fleet-test-'));
  ends.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}
const driver = makeDriver();

/** The bot's own way to the hosts, by the printed text. */
function reached(fleet: RunningFleet) {
  const read = readConfig(configText(['printed'], fleet.config), '/', {});
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  const ssh = openFleet(connectionsOf(read.config, {}), { clock: systemClock });
  ends.push(ssh.close);
  return { config: read.config, ssh };
}

describe('a fleet', () => {
  it('is reached by the config that it prints: hosts, people, teams, and the calling user as admin', async () => {
    const fleet = await start();
    const { config, ssh } = reached(fleet);
    const { settings } = config;
    expect(settings.hosts.map(({ name }) => name)).toEqual(['kvm-1', 'kvm-2']);
    expect(settings.teams.map(({ name, leads, members }) => [name, leads, members])[2]).toEqual([
      'team-03',
      ['03-lead'],
      ['03-dev1', '03-dev2'],
    ]);
    expect(settings.cli.users.get('somebody')).toBe('admin');
    expect(config.stateDir).toBe(join(fleet.folder, 'bot'));
    for (const [at, vms] of [4, 3].entries()) {
      const seen = await ssh.run(`kvm-${at + 1}`, driver.observe('cloudvg'));
      expect(seen).toMatchObject({ outcome: 'done', value: { problems: [] } });
      expect(seen.outcome === 'done' && seen.value.domains?.length).toBe(vms);
    }
    expect(fleet.unknown()).toEqual([]);
  });

  it('has VMs as libvirt would print them, with marks that the driver reads', async () => {
    const fleet = await start();
    const { ssh } = reached(fleet);
    const ids = new Set<string>();
    for (const host of fleet.hosts) {
      for (const { uuid, name, xml, facts } of host.model.domains) {
        const never = () => {
          throw new Error('a VM of a fleet lacks nothing');
        };
        expect(printXml(normalise(parseXml(xml), { uuid: never, mac: never }))).toBe(xml);
        expect(factsOf(parseXml(xml))).toEqual(facts);
        const marks = await ssh.run(host.name, driver.domains.marksOf(uuid));
        if (marks.outcome !== 'done' || marks.value === null) throw new Error(`${name} bears no marks`);
        expect(`${marks.value.team}-${marks.value.name}`).toBe(name);
        ids.add(marks.value.vm);
        const volumes = await ssh.run(host.name, driver.volumes.byTag('cloudvg', `hostler.vm.${marks.value.vm}`));
        expect(volumes).toMatchObject({ value: [{ open: host.domain(uuid).state === 'running' }] });
      }
    }
    expect(ids.size).toBe(7);
  });

  it('gives each guest of a host an address of its own', async () => {
    const fleet = await start({ hosts: 1, vms: 150 });
    const { ssh } = reached(fleet);
    const running = fleet.hosts[0]?.model.domains.filter(({ live }) => live !== null) ?? [];
    const all = await Promise.all(running.map(({ uuid }) => ssh.run('kvm-1', driver.domains.addresses(uuid))));
    const addresses = all.flatMap((one) => (one.outcome === 'done' ? one.value.map(({ address }) => address) : []));
    expect(addresses.length).toBe(running.length);
    expect(new Set(addresses).size).toBe(running.length);
  });

  it.each<readonly [string, Partial<FleetOptions>, string]>([
    ['no hosts', { hosts: 0 }, '--hosts'],
    ['half a host', { hosts: 1.5 }, '--hosts'],
    ['more VMs than have room', { hosts: 1, vms: 151 }, 'Ask for at least --hosts 2'],
    ['ports above the last', { hosts: 20, portBase: 65_530 }, 'from 1024 to 65516'],
    ['teams without end', { teams: 100 }, '--teams'],
  ])('refuses %s', async (_, options, words) => {
    const failed = await start(options).catch((cause: unknown) => cause);
    expect(failed).toMatchObject({ code: 'invalid_input' });
    expect(`${Reflect.get(Object(failed), 'message')} ${Reflect.get(Object(failed), 'hint')}`).toContain(words);
  });

  it('says which port is taken, and leaves nothing listening', async () => {
    const other = createServer();
    const base = await new Promise<number>((done) =>
      other.listen(0, '127.0.0.1', () => done(Number(Reflect.get(Object(other.address()), 'port')))),
    );
    ends.push(() => other.close());
    const failed = await start({ hosts: 3, portBase: base - 1 }).catch((cause: unknown) => cause);
    expect(failed).toMatchObject({ code: 'invalid_input', message: `Port ${base} of 127.0.0.1 is taken` });
    const again = await start({ hosts: 1, portBase: base - 1 });
    expect(again.doors[0]?.port).toBe(base - 1);
  });
});

describe('a fleet that is kept', () => {
  it('is as it was after a restart: keys, what was changed, what runs', async () => {
    const stateDir = folder();
    const first = await start({ stateDir });
    const [host] = first.hosts;
    const running = host?.model.domains.find(({ live }) => live !== null)?.name ?? '';
    host?.sh(['virsh', 'destroy', '--domain', running]);
    host?.changed();
    const before = first.hosts.map((each) => each.snapshot());
    const keys = first.doors.map((door) => door.hostKey());
    await first.close();
    const second = await start({ stateDir });
    expect(second.hosts.map((each) => each.snapshot())).toEqual(before);
    expect(second.hosts[0]?.model.domains).toEqual(host?.model.domains);
    expect(second.doors.map((door) => door.hostKey())).toEqual(keys);
  });

  it('writes what changed a moment later, whole, and no other host', async () => {
    const stateDir = folder();
    const fleet = await start({ stateDir });
    const { ssh } = reached(fleet);
    const [domain] = fleet.hosts[1]?.model.domains ?? [];
    await ssh.run('kvm-1', driver.observe('cloudvg'));
    await ssh.run('kvm-1', driver.sweep('cloudvg', [domain?.uuid ?? '']));
    await ssh.run('kvm-2', driver.domains.autostart(domain?.uuid ?? '', true), { lane: 'change' });
    const written = () => readFileSync(join(stateDir, 'hosts', 'kvm-2.json'), 'utf8');
    await expect.poll(() => JSON.parse(written()).domains[0].autostart, { timeout: 10_000 }).toBe(true);
    expect(() => readFileSync(join(stateDir, 'hosts', 'kvm-1.json'))).toThrow('ENOENT');
  });

  it('refuses another fleet’s folder, one of another version, and one in use; --fresh begins anew', async () => {
    const stateDir = folder();
    const first = await start({ stateDir });
    await expect(start({ stateDir })).rejects.toMatchObject({ code: 'conflict' });
    await first.close();
    await expect(start({ stateDir, vms: 8 })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('vms 7, not 8'),
      hint: expect.stringContaining('--fresh'),
    });
    const file = join(stateDir, 'hosts', 'kvm-1.json');
    writeFileSync(file, JSON.stringify({ format: 1 }));
    await expect(start({ stateDir })).rejects.toMatchObject({
      code: 'invalid_config',
      hint: expect.stringContaining('--fresh'),
    });
    writeFileSync(file, '{"format":2,"na');
    await expect(start({ stateDir })).rejects.toMatchObject({ code: 'invalid_config' });
    const fresh = await start({ stateDir, vms: 8, fresh: true });
    expect(fresh.hosts.flatMap(({ model }) => model.domains)).toHaveLength(8);
  });
});
