import { expect, it } from 'vitest';
import { inventory, type LabBot, PATIENCE, useBot } from './bot.ts';

/** The main job as people do it, in Slack and in a terminal, on a real hypervisor: each step is checked with the host's own tools. */
let bot: LabBot;
useBot('tiny', (made) => {
  bot = made;
});

const CHANNEL = '#team-01';

/** Types a command as the developer, presses the plan's button, and waits for the end that is expected. */
async function inSlack(command: string, button: string, title: string): Promise<string> {
  const { chat } = bot;
  const dev = chat.as('01-dev1');
  const cards = () => chat.messages('team-01').filter((message) => message.text.includes(title));
  const known = new Set(cards().map(({ ts }) => ts));
  const receipt = await dev.slash(CHANNEL, command);
  expect([command, receipt.outcome]).toEqual([command, 'acked']);
  const find = () => cards().find(({ ts }) => !known.has(ts));
  const card = await chat.waitFor(() => find(), {
    deadline: 120_000,
    what: () =>
      `the plan of ${command}; whispered: ${chat.ephemerals('01-dev1').at(-1)?.text ?? 'nothing'}; posted: ${chat.messages('team-01').at(-1)?.text ?? 'nothing'}`,
  });
  expect(card.text).toContain('planned');
  await dev.click(card, button, button === 'Purge' ? { confirm: true } : {});
  const over = await chat.waitFor(
    () =>
      chat
        .messages('team-01')
        .find(({ ts, text }) => ts === card.ts && /: (done|rolled back|stuck|cancelled|superseded)/.test(text)),
    {
      deadline: PATIENCE,
      what: `the end of ${command}`,
    },
  );
  expect(over.text).toContain(`${title}: done`);
  const reply = await chat.waitFor(() => chat.thread('team-01', card.ts).find(({ text }) => text.includes('done')), {
    deadline: 30_000,
    what: 'the reply in the thread',
  });
  expect(reply.text).toContain('U001DEV1');
  return JSON.stringify(over);
}

/** The same command in a terminal, as the same developer; what it prints. */
async function inTerminal(command: string): Promise<string> {
  const words = command.slice(1).split(' ');
  const { exit, stdout, stderr } = await bot.hostler('run', '--as', '01-dev1', '--yes', '--', ...words);
  expect([command, exit, stderr]).toEqual([command, 0, expect.anything()]);
  return stdout;
}

/** A VM's whole life, each step done in that way and then checked on the host; gives the audit's rows of it. */
async function wholeLife(act: typeof inSlack): Promise<readonly Record<string, unknown>[]> {
  const known = bot.rows('select max(seq) as seq from audit')[0]?.seq ?? 0;
  const before = await inventory(bot);
  const card = await act('/vm create web-01 --image tiny --flavor small', 'Create', 'Create team-01/web-01');
  const [vm] = bot.rows("select id, uuid, address from vm where name = 'web-01'");
  const address = String(vm?.address);
  expect(address).toMatch(/^192\.168\.122\.\d+$/);
  expect(card).toContain(`ssh ops@${address}`);
  expect(await bot.root('virsh domstate team-01-web-01')).toContain('running');
  expect(await bot.root(`lvs --noheadings -o lv_name,pool_lv,origin,lv_tags cloudvg/${volumeOf(vm)}`)).toMatch(
    /thinpool\s+img-/,
  );
  expect(await bot.guest('01-dev1', address, 'hostname')).toBe('web-01');
  const bootId = await bot.guest('01-dev1', address, 'cat /proc/sys/kernel/random/boot_id');
  expect(await bot.run('01-dev1', 'vm', 'show', 'web-01')).toMatchObject({ state: 'running', address });

  await act('/vm restart web-01', 'Restart', 'Restart team-01/web-01');
  const now = await until(
    () => bot.guest('01-dev1', address, 'cat /proc/sys/kernel/random/boot_id'),
    (id) => id !== bootId,
  );
  expect(now).not.toBe(bootId);

  await act('/vm suspend web-01', 'Suspend', 'Suspend team-01/web-01');
  expect(await bot.root('virsh domstate team-01-web-01')).toContain('paused');
  await act('/vm resume web-01', 'Resume', 'Resume team-01/web-01');
  expect(await bot.root('virsh domstate team-01-web-01')).toContain('running');
  await act('/vm shutdown web-01', 'Shut down', 'Shut down team-01/web-01');
  expect(await bot.root('virsh domstate --reason team-01-web-01')).toContain('shut off (shutdown)');
  await act('/vm start web-01', 'Start', 'Start team-01/web-01');
  expect(await bot.root('virsh domstate team-01-web-01')).toContain('running');
  await until(
    () => bot.guest('01-dev1', address, 'hostname'),
    (name) => name === 'web-01',
  );

  await act('/vm rename web-01 web-02', 'Rename', 'Rename team-01/web-01 to team-01/web-02');
  expect((await bot.root('virsh list --name')).trim()).toContain('team-01-web-02');
  await until(
    () => bot.guest('01-dev1', address, 'hostname'),
    (name) => name === 'web-01',
  );
  await act('/vm delete web-02', 'Delete', 'Delete team-01/web-02');
  expect(await bot.root('virsh list --all --name')).not.toContain('team-01-web-0');
  expect(await bot.root('lvs --noheadings -o lv_name cloudvg')).toContain(`trash-${volumeOf(vm)}`);
  await act('/vm restore web-02', 'Restore', 'Restore team-01/web-02');
  expect(await bot.root(`virsh domuuid team-01-web-02`)).toContain(String(vm?.uuid));
  await until(
    () => bot.guest('01-dev1', address, 'hostname'),
    (name) => name === 'web-01',
  );
  await act('/vm delete web-02', 'Delete', 'Delete team-01/web-02');
  await act('/vm purge web-02', 'Purge', 'Purge team-01/web-02');
  expect(await inventory(bot)).toBe(before);

  return bot.rows(
    'select kind, person, team, subject, host, outcome from audit where seq > ? order by seq',
    String(known),
  );
}

it('takes a VM through its whole life, by commands in a channel and in a terminal alike', {
  timeout: 6 * PATIENCE,
}, async () => {
  const bySlack = await wholeLife(inSlack);
  const kinds = bot
    .rows("select distinct kind from operation where state = 'succeeded' order by kind")
    .map(({ kind }) => kind);
  expect(kinds).toContain('vm.purge');
  expect(bySlack.filter(({ kind, outcome }) => kind === 'operation.ended' && outcome === 'succeeded')).toHaveLength(11);
  expect(await wholeLife(inTerminal)).toEqual(bySlack);
  expect((await bot.hostler('audit', 'verify')).exit).toBe(0);
});

function volumeOf(vm: Record<string, unknown> | undefined): string {
  return `${String(vm?.id).replaceAll('_', '-').toLowerCase()}-d0`;
}

/** Asks again until the answer pleases, or patience ends; what can't be asked yet is asked again. */
async function until(ask: () => Promise<string>, pleases: (answer: string) => boolean): Promise<string> {
  const deadline = Date.now() + PATIENCE / 2;
  for (;;) {
    const answer = await ask().catch((error: unknown) => String(error));
    if (pleases(answer) || Date.now() > deadline) return answer;
  }
}
