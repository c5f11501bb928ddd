/** Backups that are encrypted: who can read them, what is said where nobody can, and that the key is nowhere. */
import { afterEach, expect, it } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import { BotError } from '../../src/domain/error.ts';
import type { BackupSettings } from '../../src/domain/settings.ts';
import { AGE_KEY } from '../kit/age-key.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const vm = { vm: 'web-01' };
const backup = { backup: 'web-01.1' };
const { identity, recipient } = AGE_KEY;
const ENCRYPTED: BackupSettings = {
  target: '/srv/backup/hostler',
  fullEvery: 1,
  rateBytes: null,
  encryptTo: recipient,
  readable: [recipient],
};

async function begin(backups: Partial<BackupSettings> = {}): Promise<SimHost> {
  world = await makeWorld({ settings: { backups: { ...ENCRYPTED, ...backups } } });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  const [host] = world.hosts;
  if (host === undefined) throw new Error('no host');
  return host;
}
async function done(name: string, input: Record<string, unknown>) {
  const row = await world.change(name, input);
  expect([name, row.state, row.error]).toEqual([name, 'succeeded', null]);
}
async function refused(name: string, input: Record<string, unknown>) {
  const answer = await world.ask(name, input);
  if (answer.kind !== 'refused') throw new Error(`${name} was not refused: ${answer.kind}`);
  return answer.error;
}
const stored = () => world.rows.backups.list('team-01');
const bytesOf = (host: SimHost, name: string) => {
  const id = world.rows.vms.byName('team-01', name)?.id.replaceAll('_', '-').toLowerCase();
  return host.model.volumes.find((each) => each.name === `${id}-d0`)?.content;
};
function packed(host: SimHost) {
  const [path = '', node] = Object.entries(host.model.files).find(([each]) => each.endsWith('-vda.zst.age')) ?? [];
  if (node === undefined) throw new Error('nothing is stored');
  return { path, node };
}

it('stores disks that only the key opens, verifies them and brings them back', async () => {
  const host = await begin();
  await done('vm.backup.now', vm);
  expect(stored()).toMatchObject([{ state: 'ready', encryptedTo: recipient }]);
  expect(packed(host).node.content).toMatch(`age to ${recipient}`);
  const before = host.snapshot();
  await done('vm.backup.verify', backup);
  expect(host.snapshot()).toEqual(before);
  expect(stored()[0]).toMatchObject({ verifiedAt: expect.any(Number) });
  await done('vm.backup.restore', { ...backup, as: 'web-02' });
  expect(bytesOf(host, 'web-02')).toBe(bytesOf(host, 'web-01'));
  await done('vm.backup.restore', { ...backup, force: true });
  await done('vm.backup.delete', backup);
  expect(Object.keys(host.model.files).filter((path) => path.includes('.zst'))).toEqual([]);
});

it('leaves the key nowhere: in no command, row, log or file', async () => {
  const host = await begin();
  await done('vm.backup.now', vm);
  await done('vm.backup.verify', backup);
  await done('vm.backup.restore', { ...backup, as: 'web-02' });
  expect(host.log.filter(({ line }) => line.includes('mkfifo'))).toHaveLength(2);
  const tables = world.db.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
  const all = tables.map((name) => JSON.stringify(world.db.prepare(`select * from "${name}"`).all()));
  const seen = [...all, ...host.log.map(({ line }) => line), ...world.logged, host.model].map((it) =>
    JSON.stringify(it),
  );
  expect(all.some((text) => text.includes('the private key for backups'))).toBe(true);
  const secret = [identity, Buffer.from(identity).toString('base64').slice(0, 40)];
  expect(seen.filter((text) => secret.some((word) => text.includes(word)))).toEqual([]);
});

it('tells ciphertext that is damaged, and does not bring it back', async () => {
  const host = await begin();
  await done('vm.backup.now', vm);
  const { node } = packed(host);
  const before = host.snapshot();
  node.content = `${node.content}X`;
  const row = await world.change('vm.backup.restore', { ...backup, as: 'web-02' });
  expect([row.state, row.error?.message]).toEqual([
    'failed',
    expect.stringMatching(/Unpacking vda failed: the file may be damaged, .* or the key for it did not arrive/),
  ]);
  expect(host.snapshot().volumes).toEqual(before.volumes);
  const told = await world.change('vm.backup.verify', backup);
  expect(told.error?.message).toMatch(/damaged: .*-vda\.zst\.age is not what was written/);
  expect(stored()[0]?.state).toBe('damaged');
});

it.each([
  [[], 'The bot has no key to read backups'],
  [['age1other'], 'The bot has other keys'],
])('says before anything is begun that the key is another (%j)', async (readable, hint) => {
  await begin({ readable });
  await done('vm.backup.now', vm);
  for (const [name, input] of [
    ['vm.backup.verify', backup],
    ['vm.backup.restore', { ...backup, as: 'web-02' }],
  ] as const) {
    const error = await refused(name, input);
    expect([error.message, error.hint]).toEqual([
      `Backup team-01/web-01.1 is encrypted to ${recipient}`,
      expect.stringContaining(hint),
    ]);
  }
});

it('takes everything back where the key is gone when it is wanted', async () => {
  world = await makeWorld({
    settings: { backups: ENCRYPTED },
    secretOf: () => {
      throw new BotError('invalid_config', 'env:KEY is not set');
    },
  });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  await done('vm.backup.now', vm);
  const before = world.hosts[0]?.snapshot();
  const row = await world.change('vm.backup.restore', { ...backup, as: 'web-02' });
  expect([row.state, row.error?.message]).toEqual(['failed', 'env:KEY is not set']);
  expect(world.hosts[0]?.snapshot()).toEqual(before);
});

it('still brings back one that was not encrypted', async () => {
  const host = await begin({ encryptTo: null, readable: [] });
  await done('vm.backup.now', vm);
  Object.assign(world.settings.backups, ENCRYPTED);
  await done('vm.backup.verify', backup);
  await done('vm.backup.restore', { ...backup, as: 'web-02' });
  expect(bytesOf(host, 'web-02')).toBe(bytesOf(host, 'web-01'));
  await done('vm.backup.now', vm);
  expect(stored().map(({ encryptedTo }) => encryptedTo)).toEqual([recipient, null]);
});
