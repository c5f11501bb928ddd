/** Drills on real hosts: a backup that is whole passes with its evidence, one with a flipped bit fails and says why, and nothing is left. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { inventory, type LabBot, labBot, PATIENCE, withImage } from './bot.ts';

let bot: LabBot;
let dropImage: () => Promise<void>;
/** The drill's host: the lab's second one, where it has one. */
let host: string;
let how: readonly string[];
beforeAll(async () => {
  bot = await labBot();
  const [first, second] = bot.hosts;
  host = second ?? first ?? '';
  how = second === undefined ? ['--same-host'] : ['--host', second];
  // Under emulation all takes its time: what is measured is that it is measured.
  const dr = {
    ...{ rpo: '1h', rto: '30m', boot: '8m' },
    command: 'test -e /etc/os-release && echo here',
    marker: '/etc/os-release',
  };
  if (second === undefined) bot.configure({ dr });
  else bot.configure({ dr, hosts: bot.allHosts() });
  dropImage = await withImage(bot, 'full');
  await bot.start();
}, PATIENCE);
afterAll(async () => {
  await dropImage?.();
  await bot?.stop();
}, PATIENCE);

const run = (...words: string[]) => bot.run('01-dev1', ...words);
const Drills = z.array(
  z.looseObject({
    id: z.string(),
    verdict: z.string(),
    reason: z.string().nullable(),
    host: z.string(),
    rpoMs: z.number(),
    rtoMs: z.number().nullable(),
    checks: z.array(z.object({ name: z.string(), result: z.string(), found: z.string() })),
  }),
);
const drills = async () => Drills.parse(await run('dr', 'history', 'drlab-1'));
const results = ({ checks }: z.infer<typeof Drills>[number]) =>
  Object.fromEntries(checks.map(({ name, result }) => [name, result]));
/** Also the networks, which a drill makes, and firewall rules of theirs. */
const NETWORKS =
  'virsh net-list --all --name | sort; ip -o link | grep -o "virbr[0-9]*" | sort -u; iptables-save | grep -c virbr';
const slate = async () => [
  await inventory(bot, host),
  await bot.root(NETWORKS, host),
  await bot.root('ls /srv/backup/hostler', host),
];
/** What stands in the team's channel of a drill. */
const evidence = () =>
  bot.chat.waitFor(
    () => {
      const texts = bot.chat.messages('team-01').map((message) => JSON.stringify(message));
      const found = texts.filter((text) => text.includes('DR drill of team-01/drlab-1'));
      return found.length > 0 ? found : undefined;
    },
    { deadline: 60_000, what: 'the evidence in the team’s channel' },
  );

it('proves a backup, fails one that is damaged, and leaves nothing on the host', {
  timeout: 4 * PATIENCE,
}, async () => {
  await run('vm', 'create', 'drlab-1', '--image', 'full', '--flavor', 'small', '--host', bot.host);
  // The backup notes the marker through the agent, which comes up a moment after the address.
  const ping = `virsh qemu-agent-command team-01-drlab-1 '{"execute":"guest-ping"}'`;
  await bot.root(`until ${ping} >/dev/null 2>&1; do sleep 2; done`, bot.host);
  await run('vm', 'backup', 'now', 'drlab-1');
  const before = await slate();

  await run('dr', 'drill', 'drlab-1', ...how);
  const [passed] = await drills();
  expect(passed).toMatchObject({ verdict: 'passed', reason: null, host });
  expect(passed?.rpoMs).toBeGreaterThan(0);
  expect(passed?.rtoMs).toBeGreaterThan(0);
  expect(passed === undefined ? {} : results(passed)).toMatchObject({
    Backup: 'passed',
    Restore: 'passed',
    Boot: 'passed',
    Ping: 'passed',
    Port: 'passed',
    Data: 'passed',
    Command: 'passed',
    'Marker file': 'passed',
    'Filesystem check': 'passed',
    RPO: 'passed',
    RTO: 'passed',
    'Taken down': 'passed',
  });
  const said = Object.fromEntries(passed?.checks.map(({ name, found }) => [name, found]) ?? []);
  expect(said.Command).toMatch(/ended with 0: here$/);
  expect(said['Marker file']).toMatch(/is what it was when it was backed up/);
  expect(said['Filesystem check']).toMatch(/^ext4 of vda is sound; vfat of vda not: that kind is not checked$/);
  expect((await evidence()).some((text) => text.includes('passed') && text.includes('RTO'))).toBe(true);
  expect(await slate()).toEqual(before);

  // One bit, in the middle of the disk's file.
  await bot.root(
    'f=$(ls /srv/backup/hostler/*-vda.zst | tail -n 1); at=$(($(stat -c %s $f) / 2)); byte=$(dd if=$f bs=1 skip=$at count=1 status=none | od -An -tu1); printf "\\\\$(printf %o $((byte ^ 1)))" | dd of=$f bs=1 seek=$at conv=notrunc status=none',
  );
  const failed = await bot.hostler('run', '--as', '01-dev1', '--json', '--yes', '--', 'dr', 'drill', 'drlab-1', ...how);
  expect(failed.exit).toBe(1);
  const [broken] = await drills();
  expect(broken).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(/damaged: .*-vda\.zst is not what was written/),
  });
  expect(broken === undefined ? {} : results(broken)).toMatchObject({
    Backup: 'failed',
    Boot: 'not reached',
    'Taken down': 'passed',
  });
  expect((await evidence()).some((text) => text.includes('is not what was written'))).toBe(true);
  expect(await slate()).toEqual(before);

  await bot.run('01-lead', 'vm', 'backup', 'delete', 'team-01/drlab-1.1');
  await run('vm', 'delete', 'drlab-1', '--force');
  await bot.run('admin', 'vm', 'purge', 'team-01/drlab-1');
});
