/** Trouble on a real hypervisor and in its guest: each is one alert where it belongs, with the right numbers, and one end. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { labPaths } from '../../lab/paths.ts';
import { withQmp } from '../../lab/qmp.ts';
import { waitFor } from '../../lab/wait.ts';
import { DEFAULT_RULES } from '../../src/domain/alerts/rule.ts';
import { type LabBot, labBot, PATIENCE, withImage } from './bot.ts';

/** Shorter than a minute: what two sweeps in a row see is told. */
const FOR_MS = 30_000;
const SOCKETS = 'libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket';
const FILL = 'cloudvg/alerts-fill';

let bot: LabBot;
let dropImage: () => Promise<void>;
let address: string;
/** What the pool holds before, in per cent, and of how many bytes. */
let pool: { readonly percent: number; readonly bytes: number };

beforeAll(async () => {
  bot = await labBot();
  dropImage = await withImage(bot);
  await bot.run('01-dev1', 'vm', 'create', 'watched', '--image', 'tiny', '--flavor', 'small');
  address = String(bot.rows("select address from vm where name = 'watched'")[0]?.address);
  pool = await poolNow();
  const bound = poolBound();
  const off = { enabled: false };
  bot.configure({
    alerts: {
      escalate: off,
      rules: [
        { name: 'vm-memory', when: 'vm.memory > 70', clear: 65, for: '30s' },
        { name: 'vm-cpu', when: 'vm.cpu > 60', clear: 50, for: '30s' },
        { name: 'vm-down', for: '30s' },
        { name: 'pool-data', when: `pool.data > ${bound}`, clear: round(bound - 0.2), for: '30s' },
        { name: 'host-libvirt', for: '30s' },
        { name: 'host-unreachable', for: '30s' },
        // An emulated host is busy with next to nothing, its clock falls behind meanwhile, and this one has little memory.
        ...['host-cpu', 'host-clock', 'host-memory', 'fleet-memory'].map((name) => ({ name, ...off })),
      ],
    },
  });
  await bot.start();
  await sweepsAfter(Date.now(), 2);
}, 2 * PATIENCE);

afterAll(async () => {
  await bot?.root(`lvremove -y ${FILL} 2>/dev/null; systemctl start ${SOCKETS}`);
  await bot?.run('01-dev1', 'vm', 'delete', 'watched', '--force');
  await bot?.run('admin', 'vm', 'purge', 'team-01/watched');
  await dropImage?.();
  await bot?.stop();
}, 2 * PATIENCE);

const round = (value: number): number => Math.round(value * 10) / 10;
/** Four tenths of a per cent more than before: filling all of it would take an emulated host an hour. */
const poolBound = (): number => round(pool.percent + 0.4);
const inGuest = (command: string): Promise<string> => bot.guest('01-dev1', address, command);

async function poolNow(): Promise<typeof pool> {
  const said = await bot.root('lvs --noheadings --units b --nosuffix -o data_percent,lv_size cloudvg/thinpool');
  const [percent = 0, bytes = 0] = said.trim().split(/\s+/).map(Number);
  return { percent, bytes };
}

/** How much of its memory the guest itself says is in use, in per cent; and how much there is, in MiB. */
async function guestMemory(): Promise<{ readonly percent: number; readonly mib: number }> {
  const said = await inGuest('cat /proc/meminfo');
  const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(said)?.[1]);
  return { percent: 100 * (1 - of('MemAvailable') / of('MemTotal')), mib: of('MemTotal') / 1024 };
}

/** What QEMU used of the guest's one virtual CPU in the last quarter of a minute, in per cent. */
async function guestCpu(): Promise<number> {
  const look = async () => {
    const said = await bot.root('virsh domstats --cpu-total team-01-watched; cat /proc/uptime');
    return { ns: Number(/cpu\.time=(\d+)/.exec(said)?.[1]), s: Number(/^(\d+\.\d+) \d+\.\d+$/m.exec(said)?.[1]) };
  };
  const before = await look();
  await sleep(15_000);
  const after = await look();
  return (after.ns - before.ns) / (after.s - before.s) / 1e7;
}

async function qemu(...commands: readonly string[]): Promise<void> {
  await withQmp(join(labPaths().hosts, bot.host, 'qmp'), async (execute) => {
    for (const command of commands) await execute(command);
  });
}

/** How many sweeps began after an instant, up to another one. */
function sweeps(after: number, until: number): number {
  const [row] = bot.rows(
    "select count(*) as n from schedule_run where job = 'sweep' and started_at > ? and started_at <= ?",
    String(after),
    String(until),
  );
  return Number(row?.n);
}

/** Waits until so many sweeps that began after an instant have ended. */
async function sweepsAfter(instant: number, count: number): Promise<void> {
  const ended = (): boolean => {
    const [row] = bot.rows(
      "select count(*) as n from schedule_run where job = 'sweep' and state = 'done' and started_at > ?",
      String(instant),
    );
    return Number(row?.n) >= count;
  };
  await waitFor(`${count} sweeps`, PATIENCE, () => ended() || undefined, 500);
}

const incidents = () => bot.rows('select * from incident order by opened_at, id');

interface Trouble {
  readonly rule: string;
  readonly channel: string;
  /** What it is about, as the message names it. */
  readonly about: () => string;
  readonly make: () => Promise<unknown>;
  readonly mend: () => Promise<unknown>;
  /** What the message says of it must be so. */
  readonly says: (detail: string) => unknown;
}

/** The first number that stands in the words of an alert. */
const numberIn = (detail: string): number => Number(/^(\d+(?:\.\d+)?) %/.exec(detail)?.[1]);

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'memory that a guest eats up': {
    rule: 'vm-memory',
    channel: 'team-01',
    about: () => 'team-01/watched',
    make: async () => {
      const { percent, mib } = await guestMemory();
      expect(percent).toBeLessThan(65);
      const count = Math.round((mib * (78 - percent)) / 100);
      // The guest's root is in its memory.
      await inGuest(`dd if=/dev/zero of=/tmp/eaten bs=1048576 count=${count}`);
    },
    mend: () => inGuest('rm /tmp/eaten'),
    says: async (detail) => {
      expect(detail).toMatch(/^\d+(\.\d)? %, at most 70 % is good$/);
      expect(Math.abs(numberIn(detail) - (await guestMemory()).percent)).toBeLessThan(5);
    },
  },
  'CPU that a guest burns': {
    rule: 'vm-cpu',
    channel: 'team-01',
    about: () => 'team-01/watched',
    make: () => inGuest("setsid sh -c 'while :; do :; done' >/dev/null 2>&1 </dev/null & echo $! >/tmp/burning"),
    mend: () => inGuest('kill $(cat /tmp/burning)'),
    says: async (detail) => {
      expect(detail).toMatch(/^\d+(\.\d)? %, at most 60 % is good$/);
      expect(Math.abs(numberIn(detail) - (await guestCpu()))).toBeLessThan(20);
    },
  },
  'a thin pool that fills': {
    rule: 'pool-data',
    channel: 'hostler-admin',
    about: () => `thinpool on ${bot.host}`,
    make: () => {
      const mib = Math.ceil((pool.bytes * 0.008) / 1024 ** 2);
      const write = `dd if=/dev/zero of=/dev/${FILL} bs=1M count=${mib} oflag=direct`;
      return bot.root(`lvcreate -y -q -V ${mib + 64}M -T cloudvg/thinpool -n ${FILL.split('/')[1]} && ${write}`);
    },
    mend: () => bot.root(`lvremove -y ${FILL}`),
    says: async (detail) => {
      expect(detail).toMatch(new RegExp(`^[\\d.]+ %, at most ${poolBound()} % is good$`));
      expect(Math.abs(numberIn(detail) - (await poolNow()).percent)).toBeLessThan(0.2);
    },
  },
  'libvirt that is stopped': {
    rule: 'host-libvirt',
    channel: 'hostler-admin',
    about: () => bot.host,
    make: () => bot.root(`systemctl stop ${SOCKETS} libvirtd`),
    mend: () => bot.root(`systemctl start ${SOCKETS}; virsh version`),
    says: (detail) => {
      expect(detail).toContain('failed to connect');
      expect(detail).toContain('VMs on it: team-01/watched.');
    },
  },
  'a guest whose QEMU is killed': {
    rule: 'vm-down',
    channel: 'team-01',
    about: () => 'team-01/watched',
    make: () => bot.root('kill -KILL $(cat /run/libvirt/qemu/team-01-watched.pid)'),
    mend: () => bot.run('01-dev1', 'vm', 'start', 'watched'),
    says: (detail) => expect(detail).toBe('it crashed'),
  },
  'a host without power': {
    rule: 'host-unreachable',
    channel: 'hostler-admin',
    about: () => bot.host,
    make: async () => {
      // It would not come back by itself, and that is told, too: rightly.
      await bot.run('01-dev1', 'vm', 'shutdown', 'watched');
      // A power cut is for the bot to bear, not for the lab's disks.
      await bot.root('sync');
      await qemu('stop', 'system_reset');
    },
    mend: async () => {
      await qemu('cont');
      await waitFor('the host to boot', PATIENCE, () => bot.root('virsh version').catch(() => undefined), 1000);
    },
    says: (detail) => {
      expect(detail).toContain(bot.host);
      expect(detail).toContain('VMs on it: team-01/watched.');
    },
  },
};

describe('on a real host', () => {
  it.each(Object.entries(TROUBLES))('%s is one alert and one end', { timeout: 3 * PATIENCE }, async (_, trouble) => {
    const { rule, channel, about, make, mend, says } = trouble;
    const { chat } = bot;
    const title = `${DEFAULT_RULES.find(({ name }) => name === rule)?.title}: ${about()}`;
    const earlier = incidents().length;
    const newest = () =>
      incidents()
        .slice(earlier)
        .find((incident) => incident.rule === rule);
    const [admin, team] = ['hostler-admin', 'team-01'].map((name) => new Set(chat.messages(name).map(({ ts }) => ts)));
    const fresh = (name: string) =>
      chat
        .messages(name)
        .filter(({ ts, threadTs }) => threadTs === undefined && !(name === 'team-01' ? team : admin)?.has(ts));

    // Right after a sweep: the next one sees a whole minute of it.
    await sweepsAfter(Date.now(), 1);
    let broken = true;
    // The next one wants a host in order, whatever came of this one.
    onTestFinished(async () => {
      if (broken) await mend();
    });
    await make();
    const made = Date.now();
    const card = await chat.waitFor(() => fresh(channel).find(({ text }) => text.includes(title)), {
      deadline: PATIENCE,
      what: () => `${title} in ${channel}; there is: ${JSON.stringify(fresh(channel).map(({ text }) => text))}`,
    });
    const opened = newest();
    expect(opened).toMatchObject({ rule, channel, resolved_at: null });
    expect(sweeps(made + FOR_MS, Number(opened?.opened_at))).toBeLessThanOrEqual(2);
    const told = () => bot.rows('select detail from incident_alert where incident_id = ?', String(opened?.id));
    expect(told()).toHaveLength(1);
    await says(String(told()[0]?.detail));

    await sweepsAfter(Date.now(), 1);
    broken = false;
    await mend();
    const mended = Date.now();
    await chat.waitFor(
      () => fresh(channel).find(({ ts, text }) => ts === card.ts && text.includes(`${title}, resolved`)),
      { deadline: PATIENCE, what: `the end of ${title}` },
    );
    expect(sweeps(mended, Number(newest()?.resolved_at))).toBeLessThanOrEqual(2);
    await chat.waitFor(() => chat.thread(channel, card.ts).length === 2 || undefined, {
      deadline: 60_000,
      what: 'the word that it is over',
    });
    expect(chat.thread(channel, card.ts)[1]?.text).toContain('It is over');

    // And no other, also when two more sweeps have looked.
    await sweepsAfter(Date.now(), 2);
    expect(
      incidents()
        .slice(earlier)
        .map((incident) => incident.rule),
    ).toEqual([rule]);
    const alerts = ['hostler-admin', 'team-01'].flatMap((name) =>
      fresh(name).flatMap(({ text }) => (/resolved|has not|is down|can’t/.test(text) ? [[name, text]] : [])),
    );
    expect(alerts).toEqual([[channel, expect.stringContaining(title)]]);
    expect(chat.thread(channel, card.ts)).toHaveLength(2);
  });
});
