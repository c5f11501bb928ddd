/**
 * The way of a disk into a backup and back on a real host: at a rate, encrypted, and to another machine over SSH, which is the host itself under
 * another user. What is wrong with file, key and machine is told, and the key stays nowhere.
 */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opTag } from '../../src/domain/marks.ts';
import { withSecrets } from '../../src/infra/ssh/secrets.ts';
import type { Driver } from '../../src/operations/driver.ts';
import type { HostCall } from '../../src/operations/ports.ts';
import { at, type Bench } from '../contract/world.ts';
import { AGE_KEY } from '../kit/age-key.ts';
import { type LabWorld, labWorld } from './lab-world.ts';

const MIB = 1024 ** 2;
const PREFIX = `bk-${Date.now().toString(16)}`;
const PATIENCE = 240_000;
const MACHINE = 'ssh://keeper@127.0.0.1:22/srv/backup-there';
const HERE = '/srv/backup/hostler';

let lab: LabWorld;
let bench: Bench;
let identity = AGE_KEY.identity as string;

const root = (script: string): string =>
  execFileSync(process.execPath, ['dist/lab/main.js', 'ssh', lab.host, '--', script], { encoding: 'utf8' });

describe.runIf(process.env.HOSTLER_LAB === '1')('the way of a disk', () => {
  const unit = `hostler-${PREFIX}`;
  const source = () => ({ vg: lab.vg, name: `${PREFIX}-src` });
  const back = () => ({ vg: lab.vg, name: `${PREFIX}-back` });

  beforeAll(async () => {
    const found = await labWorld();
    lab = { ...found, fleet: withSecrets(found.fleet, () => `${identity}\n`) };
    bench = at(() => lab, PREFIX);
    root(`set -e
      useradd --create-home --shell /bin/sh keeper; install -d -o keeper -g keeper -m 700 /srv/backup-there ~keeper/.ssh
      cd ~${lab.user} && install -d -o ${lab.user} -g ${lab.user} -m 700 .ssh
      runuser -u ${lab.user} -- ssh-keygen -q -t ed25519 -N '' -f .ssh/hostler-backup
      (printf 'restrict '; cat .ssh/hostler-backup.pub) > ~keeper/.ssh/authorized_keys; chown -R keeper: ~keeper/.ssh
      echo "127.0.0.1 $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)" > .ssh/hostler-backup.known
      lvcreate -y -V 256M --thinpool ${lab.pool} -n ${PREFIX}-src ${lab.vg} --addtag ${opTag(bench.marks.op)}
      dd if=/dev/urandom of=/dev/${lab.vg}/${PREFIX}-src bs=1M count=24 seek=16 status=none`);
    const { pool } = lab;
    await bench.ask((driver) =>
      driver.volumes.createThin({ ...back(), pool, sizeBytes: 256 * MIB, marks: bench.marks }),
    );
  }, PATIENCE);

  afterAll(async () => {
    await clear();
    for (const volume of [source(), back()])
      await bench.ask((driver) => driver.volumes.removeMarked({ ...volume, tag: opTag(bench.marks.op) }));
    root(
      `rm -rf /srv/backup-there ${HERE}/${PREFIX}* ~${lab.user}/.ssh/hostler-backup*; userdel -r keeper 2>/dev/null; true`,
    );
    await lab.close();
  }, PATIENCE);

  const clear = () => bench.ask((driver) => driver.images.stopPouring(unit));
  async function ended(start: (driver: Driver) => HostCall<void>): Promise<string> {
    await bench.ask(start);
    const state = await bench.until(
      (driver) => driver.images.pouring(unit),
      (seen) => seen !== 'running',
    );
    await clear();
    return state;
  }
  async function sumOf(start: (driver: Driver) => HostCall<void>): Promise<string | null> {
    expect(await ended(start)).toBe('done');
    return bench.ask((driver) => driver.backups.contentSum(`${HERE}/${PREFIX}.sum`));
  }
  const into = `${HERE}/${PREFIX}.sum`;
  const volumeSum = (volume: ReturnType<typeof source>) =>
    sumOf((driver) => driver.backups.sumVolume({ volume, into, unit, rate: null }));

  it.each([
    ['here, at a rate', `${HERE}/${PREFIX}-a.zst`, 8 * MIB, null],
    ['here, encrypted', `${HERE}/${PREFIX}-b.zst.age`, null, AGE_KEY.recipient],
    ['on a machine', `${MACHINE}/${PREFIX}-c.zst`, null, null],
    ['on a machine, encrypted, at a rate', `${MACHINE}/${PREFIX}-d.zst.age`, 8 * MIB, AGE_KEY.recipient],
  ])('%s', { timeout: 2 * PATIENCE }, async (_, path, rate, encryptTo) => {
    const begun = Date.now();
    expect(
      await ended((driver) => driver.backups.store({ volume: source(), path: `${path}.part`, unit, rate, encryptTo })),
    ).toBe('done');
    // 24 MiB of 256 are no zeros.
    if (rate !== null) expect(Date.now() - begun).toBeGreaterThan(2_000);
    await bench.ask((driver) => driver.files.rename(`${path}.part`, path));
    expect((await bench.ask((driver) => driver.files.look(path)))?.sizeBytes).toBeGreaterThan(24 * MIB);
    expect(await ended((driver) => driver.backups.test({ paths: [path], unit }))).toBe('done');
    expect(await ended((driver) => driver.backups.sum({ paths: [path], into: `${path}.sha256`, unit }))).toBe('done');
    const sums = await bench.ask((driver) => driver.backups.sums(`${path}.sha256`));
    expect(sums).toEqual([{ path, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    const [size] = await bench.ask((driver) => driver.backups.sizes([path]));
    expect(size?.path).toBe(path);

    const held = await volumeSum(source());
    expect(await sumOf((driver) => driver.backups.sumContent({ path, into, unit }))).toBe(held);
    root(`blkdiscard -z /dev/${lab.vg}/${PREFIX}-back; blkdiscard /dev/${lab.vg}/${PREFIX}-back`);
    expect(await ended((driver) => driver.backups.unpack({ path, volume: back(), unit, rate }))).toBe('done');
    expect(await volumeSum(back())).toBe(held);
    const seen = await bench.ask((driver) => driver.volumes.look(back()));
    expect(seen?.dataPercent).toBeLessThan(15);

    const plain = path.replace(/^ssh:\/\/[^/]*/, '');
    root(`printf XXXX | dd of=${plain} bs=1 seek=12000000 conv=notrunc status=none`);
    expect(await ended((driver) => driver.backups.test({ paths: [path], unit }))).toBe('failed');
    expect(await ended((driver) => driver.backups.unpack({ path, volume: back(), unit, rate }))).toBe('failed');
    await bench.ask((driver) => driver.backups.discard(path));
    expect(await bench.ask((driver) => driver.backups.left(path))).toBe(false);
    expect(root(`ls ${plain} 2>&1 || true`)).toContain('No such file');
  });

  it('does not read with another key, and leaves the key nowhere', { timeout: PATIENCE }, async () => {
    const path = `${HERE}/${PREFIX}-e.zst.age`;
    const { recipient } = AGE_KEY;
    expect(
      await ended((driver) => driver.backups.store({ volume: source(), path, unit, rate: null, encryptTo: recipient })),
    ).toBe('done');
    identity = 'AGE-SECRET-KEY-1X';
    expect(await ended((driver) => driver.backups.test({ paths: [path], unit }))).toBe('failed');
    identity = AGE_KEY.identity;
    expect(await ended((driver) => driver.backups.test({ paths: [path], unit }))).toBe('done');
    const word = AGE_KEY.identity.slice(20, 50);
    // The brackets keep the search from finding itself.
    const search = `[${word.slice(0, 1)}]${word.slice(1)}`;
    const found = root(
      `(journalctl --no-pager -a; ps axeww; grep -rals '${search}' /run /tmp /var/lib/hostler /home /srv/backup) 2>/dev/null | grep -a '${search}' || echo nowhere`,
    );
    expect(found.trim()).toBe('nowhere');
    expect(root(`ls /run/user/*/ | grep key || echo none`).trim()).toBe('none');
  });

  it('tells a machine that does not answer, and one whose host key is another', { timeout: PATIENCE }, async () => {
    const target = () => bench.ask((driver) => driver.backups.target('ssh://keeper@127.0.0.1:22/srv/backup-there'));
    expect(await target()).toEqual({ writable: true, freeBytes: expect.any(Number), unreached: null });
    const gone = await bench.ask((driver) => driver.backups.target('ssh://keeper@127.0.0.1:2/srv/backup-there'));
    expect(gone).toMatchObject({ writable: false, unreached: expect.stringContaining('Connection refused') });
    const missing = await bench.ask((driver) => driver.backups.target(`${MACHINE}/none`));
    expect(missing).toEqual({ writable: false, freeBytes: null, unreached: null });
    root(
      `cd ~${lab.user}/.ssh && mv hostler-backup.known known && sed 's/ AAAA.*/ AAAAC3NzaC1lZDI1NTE5AAAAIHhvc3RsZXItdGVzdC1rZXktbm90LXJlYWwtMDAwMDAw/' known > hostler-backup.known`,
    );
    expect((await target()).unreached).toMatch(/verification failed/);
    root(`cd ~${lab.user}/.ssh && mv known hostler-backup.known`);
  });
});
