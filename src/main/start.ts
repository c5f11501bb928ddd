import type { App } from '@slack/bolt';
import { runSession } from '../cli/session.ts';
import { openCommandSocket } from '../cli/socket-server.ts';
import type { Config, Env } from '../config.ts';
import { registerHandlers } from '../handlers/register.ts';
import { systemClock } from '../infra/clock.ts';
import { makeDriver } from '../infra/driver.ts';
import { randomIds } from '../infra/ids.ts';
import { type RunningSlack, type SlackEdge, startSlack } from '../infra/slack/app.ts';
import { startSchedule } from '../scheduler/start.ts';
import { type Core, openCore, terminalActor } from './core.ts';
import { startHealth } from './health.ts';
import { reloadOn } from './reload.ts';
import { slackTokens } from './slack-tokens.ts';
import { checkWebhookTokens, startWebhooks } from './webhooks.ts';

/**
 * Runs the bot until SIGTERM or SIGINT: steps under way come to a safe place, a second signal ends it at once (the journal knows where).
 * `reload` reads the configuration again, for SIGHUP. The exit code.
 */
export async function start(config: Config, reload: () => Promise<Config>, env: Env): Promise<number> {
  const tokens = slackTokens(config, env);
  checkWebhookTokens(config, env);
  const core = openCore(config, env);
  const closers: (() => Promise<void>)[] = [core.close];
  try {
    const slack = await startSlack({
      tokens,
      port: Number(env.PORT ?? 3000),
      settings: core.settings,
      db: core.db,
      render: core.service.card,
      register: (app, edge) => handle(app, edge, config, core),
      log: core.log,
    });
    core.onOutbox(slack.wake);
    closers.push(slack.stop);
    const socket = await openSocket(config, core, slack);
    closers.push(socket.close);
    const schedule = startSchedule({ ...core, driver: makeDriver(), clock: systemClock, ids: randomIds() });
    core.onAsked(schedule.wake);
    closers.push(schedule.stop);
    const health = await startHealth(config.metrics.listen, { core, slack, env });
    closers.push(health.close);
    closers.push(startWebhooks(core, env).stop);
    const stopReloading = reloadOn('SIGHUP', core, reload);
    core.service.resume();
    core.log.info('hostler is up', { hosts: core.fleet.hosts().length, mode: tokens.app === null ? 'http' : 'socket' });
    await untilSignal(core);
    stopReloading();
  } finally {
    for (const close of closers.toReversed()) await close();
  }
  core.log.info('hostler has ended');
  return 0;
}

function handle(app: App, edge: SlackEdge, config: Config, core: Core): void {
  registerHandlers(app, {
    ...edge,
    service: core.service,
    prefix: config.slack.prefix,
    onChange: core.onOutbox,
    log: core.log,
  });
}

/** The socket for `hostler run` beside a running bot. Who is in which team is read from Slack, as for a click. */
function openSocket(config: Config, core: Core, slack: RunningSlack): ReturnType<typeof openCommandSocket> {
  const actorOf = async (person: string) => {
    const id = core.settings().people.find(({ name }) => name === person)?.slack;
    if (id === null || id === undefined) return terminalActor(core.settings(), person);
    return { ...(await slack.directory.actorOf(id)), via: 'terminal' as const };
  };
  return openCommandSocket(
    config.stateDir,
    (request, io) => runSession(request, { service: core.service, settings: core.settings, actorOf }, io),
    core.log,
  );
}

async function untilSignal(core: Core): Promise<void> {
  await new Promise<void>((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1);
      asked = true;
      core.log.info('ending', { signal });
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    // A fault that nobody caught: better to end and be started again, for the journal knows where, than to go on half dead.
    process.once('unhandledRejection', (error) => {
      core.log.error('a promise was rejected and nobody heard it', { error });
      process.exitCode = 1;
      resolve();
    });
  });
}
