import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inventory, type LabBot, labBot, PATIENCE, withImage } from './bot.ts';

/** On a real hypervisor: the bot killed, and the link cut, once in each step of create and of delete. */
let bot: LabBot;
let dropImage: () => Promise<void>;
beforeAll(async () => {
  bot = await labBot();
  dropImage = await withImage(bot);
  await bot.start();
}, PATIENCE);
afterAll(async () => {
  await dropImage?.();
  await bot?.stop();
}, PATIENCE);

interface Standing {
  readonly state: string;
  readonly open: string | null;
}

/** Where the newest operation of this kind stands, from its rows: its state, and the step that is under way. */
function standing(kind: string): Standing {
  const [row] = bot.rows('select id, state from operation where kind = ? order by created_at desc limit 1', kind);
  const [last] = bot.rows(
    'select step, event from journal where operation_id = ? order by seq desc limit 1',
    String(row?.id),
  );
  const open = last?.event === 'started' || last?.event === 'undo_started';
  return { state: String(row?.state), open: open ? `${String(last?.event)} ${String(last?.step)}` : null };
}

const ENDS = ['succeeded', 'failed', 'cancelled', 'stuck'];

/** Asks in Slack, presses, and strikes once in each step that it sees under way; gives the end and the steps that were struck. */
async function struck(command: string, button: string, title: string, kind: string, strike: () => Promise<void>) {
  const { chat } = bot;
  const dev = chat.as('01-dev1');
  const known = new Set(chat.messages('team-01').map(({ ts }) => ts));
  await dev.slash('#team-01', command);
  const card = await chat.waitFor(
    () => chat.messages('team-01').find(({ ts, text }) => text.includes(title) && !known.has(ts)),
    {
      deadline: 120_000,
      what: `the plan of ${command}`,
    },
  );
  await dev.click(card, button);
  const steps: string[] = [];
  await chat.waitFor(
    () => {
      const { state, open } = standing(kind);
      if (ENDS.includes(state)) return state;
      if (open === null || steps.includes(open) || striking) return undefined;
      steps.push(open);
      striking = true;
      void strike().finally(() => {
        striking = false;
      });
      return undefined;
    },
    {
      deadline: PATIENCE,
      what: () => `the end of ${command}; struck in ${steps.join(', ')}; ${JSON.stringify(standing(kind))}`,
    },
  );
  await chat.waitFor(() => (striking ? undefined : true), { deadline: 60_000, what: 'the last strike' });
  const { state } = standing(kind);
  const word = state === 'succeeded' ? 'done' : 'rolled back';
  await chat.waitFor(() => chat.messages('team-01').find(({ ts, text }) => ts === card.ts && text.includes(word)), {
    deadline: 120_000,
    what: `the card to say ${word}`,
  });
  expect(chat.messages('team-01').filter(({ ts, text }) => text.includes(title) && !known.has(ts))).toHaveLength(1);
  return { state, steps };
}
let striking = false;

describe.each([
  [
    'killed',
    async () => {
      await bot.kill();
      await bot.start();
    },
  ],
  ['cut off', async () => bot.link.cut()],
] as const)('%s in each step', (told, strike) => {
  it('create and delete end whole or undone, and the host is clean', { timeout: 3 * PATIENCE }, async () => {
    const before = await inventory(bot);
    const name = told === 'killed' ? 'killed' : 'cut';
    const made = await struck(
      `/vm create ${name} --image tiny --flavor tiny`,
      'Create',
      `Create team-01/${name}`,
      'vm.create',
      strike,
    );
    expect(made.steps.length).toBeGreaterThanOrEqual(4);
    if (made.state === 'failed') expect(await inventory(bot)).toBe(before);
    else {
      expect(made.state).toBe('succeeded');
      expect(await bot.root(`virsh domstate team-01-${name}`)).toContain('running');
      const gone = await struck(`/vm delete ${name} --force`, 'Delete', `Delete team-01/${name}`, 'vm.delete', strike);
      expect(gone.steps.length).toBeGreaterThanOrEqual(3);
      expect(gone.state).toBe('succeeded');
      expect(await bot.root('virsh list --all --name')).not.toContain(`team-01-${name}`);
      await bot.run('admin', 'vm', 'purge', `team-01/${name}`);
    }
    expect(await inventory(bot)).toBe(before);
    expect((await bot.hostler('audit', 'verify')).exit).toBe(0);
  });
});
