/**
 * A real thin pool at the brink: what could fill it is refused with how much is missing, each of the guardian's ways brings some of it
 * back, and no guest sees an error. It wants a lab with a small pool: `npm run lab -- up --hosts 1 --pool 2GiB` in a folder of its own.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { inventory, type LabBot, labBot, PATIENCE, withImage } from './bot.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** In a larger one there is nothing to fill within an hour. */
const SMALL = 4 * GIB;
/** The test's own, that nobody else writes to. */
const FILL = 'poollab-fill';

let bot: LabBot;
let dropImage: (() => Promise<void>) | null = null;
let small = false;
beforeAll(async () => {
  bot = await labBot();
  const size = await bot.root('lvs --noheadings --units b --nosuffix -o lv_size cloudvg/thinpool');
  small = Number(size) <= SMALL;
  if (!small) return;
  dropImage = await withImage(bot, 'full');
  await bot.start();
}, PATIENCE);
afterAll(async () => {
  if (small) await bot?.root(`lvremove -y cloudvg/${FILL} || true`);
  await dropImage?.();
  await bot?.stop();
}, PATIENCE);

const run = (...words: string[]) => bot.run('01-dev1', ...words);
const asAdmin = (...words: string[]) => bot.hostler('run', '--as', 'admin', '--json', '--yes', '--', ...words);
const admin = (...words: string[]) => bot.run('admin', ...words);

const Pool = z.object({
  sizeBytes: z.number(),
  dataPercent: z.number(),
  metadataBytes: z.number(),
  freeBytes: z.number(),
  writers: z.array(z.object({ name: z.string(), bytesPerSecond: z.number() })),
  suspended: z.array(z.string()),
});
async function pool(): Promise<z.infer<typeof Pool>> {
  const [only] = z.tuple([Pool]).parse(await admin('storage', 'pool', 'show', bot.host));
  return only;
}
const used = async () => {
  const { sizeBytes, dataPercent } = await pool();
  return (sizeBytes * dataPercent) / 100;
};

/** Asks again until it pleases. */
async function until<T>(what: string, ask: () => Promise<T>, pleases: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + PATIENCE / 2;
  for (;;) {
    const answer = await ask().catch((error: unknown) => error);
    if (!(answer instanceof Error) && pleases(answer as T)) return answer as T;
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`, { cause: answer });
  }
}

const Shown = z.object({ address: z.string() });
const guest = async (command: string) =>
  until(
    `the guest answers to ${command}`,
    async () => bot.guest('01-dev1', Shown.parse(await run('vm', 'show', 'poollab-1')).address, command),
    () => true,
  );

/** Fills a volume of the test's own until the pool is so full, and waits until the bot has seen it. */
async function fillTo(percent: number): Promise<void> {
  const { sizeBytes } = await pool();
  const mib = Math.floor(((sizeBytes * percent) / 100 - (await used())) / MIB);
  if (mib > 0) {
    const had = await bot.root(`cat /run/${FILL} 2>/dev/null || echo 0`);
    await bot.root(
      `dd if=/dev/zero of=/dev/cloudvg/${FILL} bs=1M seek=${Number(had)} count=${mib} oflag=direct status=none && echo ${Number(had) + mib} >/run/${FILL}`,
    );
  }
  const Hosts = z.array(z.object({ pool: z.object({ dataPercent: z.number() }).nullable() }));
  await until(
    'the bot has seen how full it is',
    async () => Hosts.parse(await run('host', 'list'))[0]?.pool?.dataPercent ?? 0,
    (seen) => seen >= percent - 1,
  );
}

/** All that could fill it further. */
const GREEDY: readonly (readonly string[])[] = [
  ['vm', 'create', 'poollab-2', '--image', 'full', '--flavor', 'small'],
  ['vm', 'disk', 'attach', 'poollab-1', '512MiB'],
  ['vm', 'disk', 'extend', 'poollab-1', 'vda', '+512MiB'],
  ['snapshot', 'create', 'poollab-1', 'two'],
  ['snapshot', 'revert', 'poollab-1', 'one'],
  ['vm', 'backup', 'now', 'poollab-1'],
  ['vm', 'backup', 'restore', 'poollab-1.1'],
  ['vm', 'backup', 'restore', 'poollab-1.1', '--as', 'poollab-3'],
];
const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Neither the guests' own words nor libvirt's tell of an error of their disks. */
async function noErrors(state: RegExp): Promise<void> {
  expect(await bot.root('virsh domstate --reason team-01-poollab-1')).toMatch(state);
  expect(await bot.root('virsh domblkerror team-01-poollab-1')).toContain('No errors found');
}

it('is kept from running full, and brought back', { timeout: 6 * PATIENCE }, async (test) => {
  if (!small) return test.skip('the lab’s pool is a large one: npm run lab -- up --hosts 1 --pool 2GiB');
  const before = await inventory(bot);
  await run('vm', 'create', 'poollab-1', '--image', 'full', '--flavor', 'small');
  await guest('echo one >kept; sync');
  await run('vm', 'disk', 'attach', 'poollab-1', '128MiB');
  await run('vm', 'disk', 'detach', 'poollab-1', 'vdb');
  const [trash] = bot.rows('select volume from detached_disk');
  await bot.root(`dd if=/dev/zero of=/dev/cloudvg/${String(trash?.volume)} bs=1M count=96 oflag=direct status=none`);
  await run('vm', 'backup', 'now', 'poollab-1');
  await run('snapshot', 'create', 'poollab-1', 'one');
  // Written behind the snapshot and deleted again: the guest has it no more, the pool has.
  await guest('dd if=/dev/zero of=deleted bs=1M count=96 conv=fsync 2>/dev/null; rm deleted; sync; echo deleted');

  await bot.root(`rm -f /run/${FILL}; lvcreate -y -V 4G --thinpool thinpool -n ${FILL} cloudvg`);
  await fillTo(88);
  for (const words of GREEDY) {
    const { exit, stdout } = await bot.hostler('run', '--as', '01-dev1', '--json', '--yes', '--', ...words);
    const { error } = Refusal.parse(JSON.parse(stdout));
    expect([words.join(' '), exit, error.code]).toEqual([words.join(' '), 3, 'no_capacity']);
    expect(error.message).toMatch(/[\d.]+ (MiB|GiB) are missing in its thin pool/);
  }
  await noErrors(/^running/);

  // More than the group has, for no request is better than one that fails on the host.
  const huge = await asAdmin('storage', 'pool', 'extend', bot.host, '--by', '100GiB');
  expect(Refusal.parse(JSON.parse(huge.stdout)).error.message).toMatch(/GiB are missing to extend thinpool/);

  const full = await used();
  await admin('storage', 'pool', 'trim', bot.host);
  const trimmed = await used();
  expect(full - trimmed).toBeGreaterThan(64 * MIB);

  await admin('storage', 'pool', 'reclaim', bot.host, '--trash');
  const dropped = await used();
  expect(trimmed - dropped).toBeGreaterThan(64 * MIB);
  // What is not past its time stays.
  expect(await run('snapshot', 'list', 'poollab-1')).toMatchObject([{ name: 'one' }]);

  const WRITER =
    'until [ -e stop ]; do dd if=/dev/zero of=over bs=1M count=4 conv=notrunc,fsync 2>/dev/null || echo failed >>errors; done';
  await guest(`setsid sh -c '${WRITER}' >/dev/null 2>&1 </dev/null & echo writes`);
  const { writers } = await until('a sweep tells who writes', pool, (seen) => seen.writers.length > 0);
  expect(writers[0]?.name).toBe('team-01/poollab-1');
  await admin('storage', 'pool', 'relieve', bot.host, '--vms', '1');
  await noErrors(/^paused \(user\)/);
  const swept = async () => {
    await pool();
    return Number(bot.rows('select max(at) as at from host_sample')[0]?.at);
  };
  const then = await swept();
  await until('two more sweeps', swept, (at) => at >= then + 120_000);
  expect((await pool()).suspended).toEqual(['team-01/poollab-1']);
  await noErrors(/^paused \(user\)/);
  await run('vm', 'resume', 'poollab-1');
  await noErrors(/^running/);

  const { sizeBytes, metadataBytes } = await pool();
  await admin('storage', 'pool', 'extend', bot.host, '--by', '2GiB', '--metadata', '4MiB');
  const larger = await pool();
  expect([larger.sizeBytes - sizeBytes, larger.metadataBytes - metadataBytes]).toEqual([2 * GIB, 4 * MIB]);
  for (const words of GREEDY) {
    const asked = await bot.hostler('run', '--as', '01-dev1', '--json', '--', ...words, '--dry-run');
    expect([words.join(' '), asked.exit, asked.stdout]).toEqual([words.join(' '), 0, expect.any(String)]);
  }
  expect(await guest('touch stop; cat kept; cat errors 2>/dev/null; true')).toBe('one');
  await noErrors(/^running/);

  await bot.root(`lvremove -y cloudvg/${FILL}`);
  await run('vm', 'backup', 'delete', 'poollab-1.1');
  await run('vm', 'delete', 'poollab-1', '--force');
  await admin('vm', 'purge', 'team-01/poollab-1');
  expect(await inventory(bot)).toBe(before);
});
