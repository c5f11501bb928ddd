import type { AllMiddlewareArgs, SlackEventMiddlewareArgs, webApi } from '@slack/bolt';
import type { Notice } from '../domain/notice.ts';
import { hostlerHome } from '../operations/hostler/home.ts';
import type { HandlerDeps } from './deps.ts';

type HomeArgs = SlackEventMiddlewareArgs<'app_home_opened'> & AllMiddlewareArgs;

/** The Home tab, as `/hostler home` tells it. Who opens it or the messages for the first time is welcomed there. */
export function onHome(deps: HandlerDeps): (args: HomeArgs) => Promise<void> {
  return async ({ event, client }) => {
    deps.service.greet(await deps.directory.actorOf(event.user));
    if (event.tab === 'home') await publishHome(event.user, {}, client, deps);
  };
}

/** Draws somebody's Home tab anew. */
export async function publishHome(
  user: string,
  input: Readonly<Record<string, unknown>>,
  client: webApi.WebClient,
  deps: HandlerDeps,
): Promise<void> {
  const { blocks } = deps.draw(await homeNotice(user, input, deps), { surface: 'home' });
  await client.views.publish({ user_id: user, view: { type: 'home', blocks } });
}

async function homeNotice(
  user: string,
  input: Readonly<Record<string, unknown>>,
  { service, directory }: HandlerDeps,
): Promise<Notice> {
  const answer = await service.request({
    name: hostlerHome.name,
    input,
    actor: await directory.actorOf(user),
    channelTeam: null,
    origin: { via: 'slack', channel: null, command: 'Home' },
    options: {},
    dedupe: null,
  });
  if (answer.kind === 'reading' || answer.kind === 'refused') return answer.notice;
  return { tone: 'plain', title: 'Hostler', lines: ['Type `/vm help` in your team’s channel.'] };
}
