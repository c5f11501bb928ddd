import type { AllMiddlewareArgs, SlackEventMiddlewareArgs, types, webApi } from '@slack/bolt';
import type { Notice } from '../domain/notice.ts';
import { hostlerHome } from '../operations/hostler/home.ts';
import type { HandlerDeps } from './deps.ts';

type HomeArgs = SlackEventMiddlewareArgs<'app_home_opened'> & AllMiddlewareArgs;
type Input = Readonly<Record<string, unknown>>;

export interface Homes {
  /** Draws somebody's Home tab, and keeps it as things are for as long as they may be looking. */
  readonly show: (user: string, input: Input, client: webApi.WebClient) => Promise<void>;
  /** Something has changed: the tabs that people look at are drawn anew, soon and once for all that changes meanwhile. */
  readonly changed: () => void;
}

/** Slack tells when a tab is opened, never when it is left: opened this long ago, it is taken for left. */
const WATCHED_MS = 30 * 60_000;
const MOST_WATCHED = 200;
/** Between two drawings of the same tab. */
const REDRAW_MS = 5_000;

interface Watched {
  readonly input: Input;
  readonly until: number;
  /** The blocks that were published last. */
  shown: string;
}

/** The Home tabs, as `/hostler home` tells them. Nothing of it need outlive the bot: who opens the tab again has it drawn again. */
export function makeHomes(deps: HandlerDeps): Homes {
  const { redrawMs = REDRAW_MS } = deps;
  const watched = new Map<string, Watched>();
  let due: NodeJS.Timeout | null = null;

  async function publish(user: string, blocks: types.KnownBlock[], client: webApi.WebClient): Promise<void> {
    await client.views.publish({ user_id: user, view: { type: 'home', blocks } });
  }

  function remember(user: string, input: Input, shown: string): void {
    watched.delete(user);
    watched.set(user, { input, until: Date.now() + WATCHED_MS, shown });
    const [oldest] = watched.keys();
    if (watched.size > MOST_WATCHED && oldest !== undefined) watched.delete(oldest);
  }

  /** Reads what happened meanwhile from the rows alone, so that a busy hour costs the hosts nothing. */
  async function redraw(user: string, tab: Watched): Promise<void> {
    const { blocks } = deps.draw(await homeNotice(user, tab.input, true, deps), { surface: 'home' });
    const now = JSON.stringify(blocks);
    // Turned to another page meanwhile: that was drawn just now.
    if (now === tab.shown || watched.get(user) !== tab) return;
    tab.shown = now;
    await publish(user, blocks, deps.client);
  }

  async function redrawAll(): Promise<void> {
    for (const [user, tab] of [...watched]) {
      if (tab.until < Date.now()) watched.delete(user);
      else
        await redraw(user, tab).catch((error: unknown) => {
          watched.delete(user);
          deps.log.warn('a Home tab could not be drawn anew', { user, error });
        });
    }
  }

  return {
    show: async (user, input, client) => {
      const { blocks } = deps.draw(await homeNotice(user, input, false, deps), { surface: 'home' });
      remember(user, input, JSON.stringify(blocks));
      await publish(user, blocks, client);
    },
    changed: () => {
      if (due !== null || watched.size === 0) return;
      due = setTimeout(() => {
        due = null;
        void redrawAll();
      }, redrawMs).unref();
    },
  };
}

/** Somebody has opened the Home tab, or the messages. Who does so for the first time is welcomed. */
export function onHome(homes: Homes, deps: HandlerDeps): (args: HomeArgs) => Promise<void> {
  return async ({ event, client }) => {
    deps.service.greet(await deps.directory.actorOf(event.user));
    if (event.tab === 'home') await homes.show(event.user, {}, client);
  };
}

async function homeNotice(
  user: string,
  input: Input,
  asSeen: boolean,
  { service, directory }: HandlerDeps,
): Promise<Notice> {
  const answer = await service.request({
    name: hostlerHome.name,
    input,
    actor: await directory.actorOf(user),
    channelTeam: null,
    origin: { via: 'slack', channel: null, command: 'Home' },
    options: { asSeen },
    dedupe: null,
  });
  if (answer.kind === 'reading' || answer.kind === 'refused') return answer.notice;
  return { tone: 'plain', title: 'Hostler', lines: ['Type `/vm help` in your team’s channel.'] };
}
