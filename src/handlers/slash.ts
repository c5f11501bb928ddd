import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { BotError } from '../domain/error.ts';
import { overviewOf } from '../operations/catalog-lookup.ts';
import { type ParsedCommand, parseCommand } from '../operations/command-text.ts';
import { fieldsOf } from '../operations/fields.ts';
import { helpNotice } from '../operations/help.ts';
import { type Asked, tell } from './answer.ts';
import type { Asker, HandlerDeps } from './deps.ts';
import { loadingView, textView } from './form-view.ts';
import { fillModal, openModal } from './modal.ts';
import { short, unescapeText } from './slack-text.ts';
import { whisper } from './whisper.ts';

type CommandArgs = SlackCommandMiddlewareArgs & AllMiddlewareArgs;

/** A slash command: ack, read the words, ask the service, tell the asker. */
export function onSlash(family: string, deps: HandlerDeps): (args: CommandArgs) => Promise<void> {
  return async ({ ack, command, client, context }) => {
    await ack();
    const asker: Asker = {
      user: command.user_id,
      channel: command.channel_id,
      channelName: command.channel_name,
      client,
      responseUrl: command.response_url,
      triggerId: command.trigger_id,
    };
    const text = unescapeText(command.text);
    const line = short(`${command.command} ${text}`.trim(), 2000);
    const key: unknown = context.deliveryKey;
    await run(asker, family, text, line, typeof key === 'string' ? key : command.trigger_id, deps);
  };
}

async function run(
  asker: Asker,
  family: string,
  text: string,
  line: string,
  key: string,
  deps: HandlerDeps,
): Promise<void> {
  const { service, directory } = deps;
  const parsed = read(family, text, deps);
  if (parsed instanceof BotError) {
    const [actor, channelTeam] = await whoAndWhere(asker, deps);
    const origin = { via: 'slack', channel: asker.channel, command: line } as const;
    return whisper(asker, service.misread({ error: parsed, actor, channelTeam, origin }).notice, deps);
  }
  if (parsed.kind === 'help') return whisper(asker, helpNotice(parsed, service.catalog), deps);
  const asked = askedFor(parsed, deps);
  if (asked === null) return whisper(asker, helpNotice({ family, operation: null }, service.catalog), deps);

  // A trigger lives three seconds: where a form will be needed, it is opened before anything is looked up.
  const loading = isShort(asked) ? openModal(asker, loadingView(asked.operation), deps) : undefined;
  const [[actor, channelTeam], place] = await Promise.all([
    whoAndWhere(asker, deps),
    directory.placeFor(asker.channel, asker.channelName, asker.user),
  ]);
  const answer = await service.request({
    name: asked.operation.name,
    input: asked.input,
    actor,
    channelTeam,
    origin: { via: 'slack', channel: place, command: line },
    options: asked.options,
    dedupe: key,
  });
  const modal = await loading;
  if (modal !== undefined && modal !== null && answer.kind === 'refused') {
    const { blocks } = deps.draw(answer.notice, { surface: 'modal' });
    if (await fillModal(asker, modal, textView('Hostler', blocks), deps)) return;
  }
  await tell(asker, answer, asked, deps, modal);
}

function read(family: string, text: string, deps: HandlerDeps): ParsedCommand | BotError {
  try {
    return parseCommand(family, text, deps.service.catalog);
  } catch (cause) {
    if (cause instanceof BotError) return cause;
    throw cause;
  }
}

/** A family alone is its overview. Null where it has none. */
function askedFor(parsed: Exclude<ParsedCommand, { readonly kind: 'help' }>, deps: HandlerDeps): Asked | null {
  if (parsed.kind === 'operation') return parsed;
  const operation = overviewOf(deps.service.catalog, parsed.family);
  return operation === null ? null : { operation, input: {}, options: {} };
}

/** A field that is needed wasn't given. */
function isShort({ operation, input }: Asked): boolean {
  return fieldsOf(operation).some(({ name, required }) => required && (input[name] ?? '') === '');
}

async function whoAndWhere({ user, channel, channelName }: Asker, { directory }: HandlerDeps) {
  return Promise.all([
    directory.actorOf(user),
    channel === null ? null : directory.teamOf(channel, channelName),
  ] as const);
}
