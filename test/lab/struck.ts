/** An operation on a real host that is struck once in each of its steps: its bot killed, or its link cut. */
import { expect } from 'vitest';
import { type LabBot, PATIENCE } from './bot.ts';

/** What strikes, by what the tests call it. */
export function strikes(bot: () => LabBot) {
  return [
    [
      'killed',
      async () => {
        await bot().kill();
        await bot().start();
      },
    ],
    ['cut off', async () => bot().link.cut()],
  ] as const;
}

interface Standing {
  readonly state: string;
  readonly open: string | null;
}

/** Where the newest operation of this kind stands, from its rows: its state, and the step that is under way. */
function standing(bot: LabBot, kind: string): Standing {
  const [row] = bot.rows('select id, state from operation where kind = ? order by created_at desc limit 1', kind);
  const [last] = bot.rows(
    'select step, event from journal where operation_id = ? order by seq desc limit 1',
    String(row?.id),
  );
  const open = last?.event === 'started' || last?.event === 'undo_started';
  return { state: String(row?.state), open: open ? `${String(last?.event)} ${String(last?.step)}` : null };
}

const ENDS = ['succeeded', 'failed', 'cancelled', 'stuck'];

interface Asked {
  readonly command: string;
  /** The card's button. */
  readonly button: string;
  /** The beginning of the card's title. */
  readonly title: string;
  readonly kind: string;
  /**
   * What can be seen on the host in the middle of steps that go there in one round trip: the journal says when a trip begins and what came
   * of it, not where it is. In their order: what each is called, and a condition for root's shell.
   */
  readonly moments?: Readonly<Record<string, string>>;
}

/** Asks in Slack, presses, and strikes once in each step that it sees under way and at each moment; gives the end and when it was struck. */
export async function struck(
  bot: LabBot,
  { command, button, title, kind, moments = {} }: Asked,
  strike: () => Promise<void>,
): Promise<{ readonly state: string; readonly steps: readonly string[] }> {
  const { chat } = bot;
  const dev = chat.as('01-dev1');
  const known = new Set(chat.messages('team-01').map(({ ts }) => ts));
  await dev.slash('#team-01', command);
  const card = await chat.waitFor(
    () => chat.messages('team-01').find(({ ts, text }) => text.includes(title) && !known.has(ts)),
    { deadline: 120_000, what: `the plan of ${command}` },
  );
  const steps: string[] = [];
  let striking = 0;
  let last = Promise.resolve();
  const strikeIn = (step: string): void => {
    steps.push(step);
    striking += 1;
    last = last.then(strike).finally(() => {
      striking -= 1;
    });
  };
  let over = false;
  const watch = async (): Promise<void> => {
    for (const [name, condition] of Object.entries(moments)) {
      await bot.root(`for try in $(seq 200); do if ${condition}; then exit; fi; sleep 0.1; done 2>/dev/null; exit 1`);
      if (over) return;
      strikeIn(name);
    }
  };
  // One that never came is missing among the steps.
  const watching = watch().catch(() => undefined);
  await dev.click(card, button);
  await chat.waitFor(
    () => {
      const { state, open } = standing(bot, kind);
      if (ENDS.includes(state)) return state;
      if (open === null || steps.includes(open) || striking > 0) return undefined;
      strikeIn(open);
      return undefined;
    },
    {
      deadline: PATIENCE,
      what: () => `the end of ${command}; struck in ${steps.join(', ')}; ${JSON.stringify(standing(bot, kind))}`,
    },
  );
  over = true;
  await watching;
  await last;
  const { state } = standing(bot, kind);
  const word = state === 'succeeded' ? 'done' : 'rolled back';
  await chat.waitFor(() => chat.messages('team-01').find(({ ts, text }) => ts === card.ts && text.includes(word)), {
    deadline: 120_000,
    what: `the card to say ${word}`,
  });
  // One card; a failure is told to who asked for it in a message of its own, which names no operation.
  const cards = chat
    .messages('team-01')
    .filter(({ ts, text }) => /\bop_/.test(text) && text.includes(title) && !known.has(ts));
  expect(cards.map(({ text }) => text)).toEqual([expect.stringContaining(word)]);
  return { state, steps };
}
