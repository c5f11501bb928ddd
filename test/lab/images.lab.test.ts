/**
 * Images on a real host: one that is built of a VM has nothing of that machine in it, on the disk's own bytes; one that is downloaded is taken
 * where its vendor signed its checksum, and not where somebody changed them.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { inventory, type LabBot, labBot, PATIENCE, withImage } from './bot.ts';

/** Where the vendor's server listens on the host. */
const WEB = 'http://127.0.0.1:8099';
const SECRET = `lab-secret-${Math.random().toString(36).slice(2)}`;

let bot: LabBot;
let dropImage: () => Promise<void>;
let folder: string;
const gpg = (...args: readonly string[]) =>
  execFileSync('gpg', ['--homedir', folder, '--batch', '--quiet', '--yes', '--passphrase', '', ...args]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-vendor-'));
  gpg('--quick-gen-key', 'Vendor <vendor@example.org>', 'ed25519', 'sign', 'never');
  const key = join(folder, 'vendor.gpg');
  writeFileSync(key, gpg('--export', 'vendor@example.org'));
  bot = await labBot();
  const common = { osinfo: 'linux2022', login: 'ops' };
  const source = { url: `${WEB}/tiny.qcow2`, sums: `${WEB}/SUMS`, signature: `${WEB}/SUMS.sign`, key, size: '96MiB' };
  bot.configure({
    images: [
      { name: 'full', file: 'full.qcow2', ...common },
      { name: 'cloud', source, ...common },
    ],
    dr: { boot: '8m' },
  });
  dropImage = await withImage(bot, 'full');
  await bot.start();
}, PATIENCE);
afterAll(async () => {
  await bot?.root('systemctl stop lab-vendor 2>/dev/null; rm -rf /srv/lab-vendor; rm -f /srv/backup/hostler/img-*');
  for (const { volume } of bot?.rows('select volume from image where name <> ?', 'full') ?? [])
    await bot.root(`lvremove -y cloudvg/${String(volume)}`);
  await dropImage?.();
  await bot?.stop();
  rmSync(folder, { recursive: true, force: true });
}, PATIENCE);

const Shown = z.looseObject({ address: z.string() });
const addressOf = async (vm: string) => Shown.parse(await bot.run('01-dev1', 'vm', 'show', vm)).address;
const volumeOf = (sql: string, ...values: readonly string[]) => String(bot.rows(sql, ...values)[0]?.volume);
const sumOf = async (volume: string) => (await bot.root(`sha256sum </dev/cloudvg/${volume}`)).trim();
const holds = async (volume: string) =>
  (await bot.root(`grep -a -c ${SECRET} /dev/cloudvg/${volume} || :`)).trim() !== '0';

it('takes out of an image what one machine alone should have, to the last block, and leaves the VM as it was', {
  timeout: 4 * PATIENCE,
}, async () => {
  await bot.run('01-dev1', 'vm', 'create', 'imglab-1', '--image', 'full', '--flavor', 'small');
  const soil = [
    'printf 0123456789abcdef0123456789abcdef >/etc/machine-id',
    `mkdir -p /etc/ssh /home/ops/.ssh /var/lib/dhcp /var/lib/systemd`,
    `for f in /etc/ssh/ssh_host_rsa_key /home/ops/.ssh/id_rsa /root/.ash_history /var/lib/systemd/random-seed; do echo ${SECRET} >$f; done`,
    `for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo ${SECRET} $n; done >/var/log/auth.log; sync`,
  ];
  const first = await addressOf('imglab-1');
  await bot.guest('01-dev1', first, soil.join('; '), 'root');
  const keyOf = (address: string) =>
    bot.guest('01-dev1', address, 'dropbearkey -y -f /etc/dropbear/dropbear_ed25519_host_key | grep ^ssh-', 'root');
  const hostKey = await keyOf(first);
  await bot.run('01-dev1', 'vm', 'shutdown', 'imglab-1');
  const own = volumeOf("select json_extract(disks_json, '$[0].volume') as volume from vm where name = 'imglab-1'");
  expect(await holds(own)).toBe(true);
  const before = [await sumOf(own), await bot.root('virsh list --all --name | sort')];

  await bot.run('admin', 'image', 'build', 'clean-base', '--from', 'team-01/imglab-1');
  const golden = volumeOf("select volume from image where name = 'clean-base'");
  expect([await sumOf(own), await bot.root('virsh list --all --name | sort')]).toEqual(before);
  expect(await holds(golden)).toBe(false);
  const kept = await bot.root(
    `mkdir -p /run/lab-golden && mount -o ro,noload,offset=$((67584 * 512)) /dev/cloudvg/${golden} /run/lab-golden && cd /run/lab-golden && stat -c %s etc/machine-id && ls -d etc/dropbear/*host_key etc/ssh/ssh_host* root/.ssh home/ops/.ssh root/.ash_history var/lib/cloud/instance 2>/dev/null; find var/log -type f -size +0; cd / && umount /run/lab-golden`,
  );
  expect(kept.trim()).toBe('0');
  // The filesystem is whole: it was frozen when the power was cut.
  const checked = await bot.root(`e2fsck -fn '/dev/cloudvg/${golden}?offset=${67584 * 512}' 2>&1; echo "exit $?"`);
  expect(checked).toMatch(/ files .*\nexit 0\n/s);

  await bot.run('01-dev1', 'vm', 'create', 'imglab-2', '--image', 'clean-base', '--flavor', 'small');
  expect(await keyOf(await addressOf('imglab-2'))).not.toBe(hostKey);
  for (const vm of ['imglab-1', 'imglab-2']) {
    await bot.run('01-dev1', 'vm', 'delete', vm, '--force');
    await bot.run('admin', 'vm', 'purge', `team-01/${vm}`);
  }
});

it('downloads what the vendor signed, and nothing else', { timeout: 2 * PATIENCE }, async () => {
  await bot.root(
    `mkdir -p /srv/lab-vendor && cp /var/lib/hostler/images/tiny.qcow2 /srv/lab-vendor/ && systemd-run --unit=lab-vendor python3 -m http.server 8099 --bind 127.0.0.1 -d /srv/lab-vendor && until curl -fs ${WEB}/ >/dev/null; do sleep 1; done`,
  );
  const before = await inventory(bot);
  const hex = (await bot.root('sha256sum </srv/lab-vendor/tiny.qcow2')).slice(0, 64);
  const publish = async (name: string, content: string | Buffer) =>
    void (await bot.root(`echo ${Buffer.from(content).toString('base64')} | base64 -d >/srv/lab-vendor/${name}`));
  const sums = `${hex}  tiny.qcow2\n`;
  await publish('SUMS', sums);
  const refresh = () => bot.hostler('run', '--as', 'admin', '--json', '--yes', '--', 'image', 'refresh', 'cloud');
  const said = async () => {
    const { exit, stdout } = await refresh();
    return `${exit} ${stdout}`;
  };
  expect(await said()).toMatch(/^1 .*Reading \S+SUMS\.sign: its server says that there is no such file/s);
  const file = join(folder, 'SUMS');
  writeFileSync(file, sums);
  gpg('-u', 'vendor@example.org', '--detach-sign', '-o', `${file}.sign`, file);
  await publish('SUMS.sign', execFileSync('cat', [`${file}.sign`]));
  await publish(
    'SUMS',
    sums.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
  );
  expect(await said()).toMatch(/^1 .*is wrong: the checksums are not what was signed/s);
  expect(await inventory(bot)).toBe(before);
  await publish('SUMS', sums);
  expect(await said()).toMatch(/^0 /);
  const golden = volumeOf("select volume from image where name = 'cloud'");
  await bot.root(`qemu-img compare -f qcow2 -F raw /var/lib/hostler/images/tiny.qcow2 /dev/cloudvg/${golden}`);
});
