import type { ManifestCommand } from '../app.ts';
import type { Receipt } from '../delivery/deliver.ts';
import { applyResponse } from '../delivery/respond.ts';
import { isJson } from '../json.ts';
import type { Channel, Message, User } from '../model/types.ts';
import { payloadChannelName } from '../model/wire.ts';
import type { World } from '../world.ts';

/** What came of a slash command. */
export interface SlashResult extends Receipt {
  /** What Slack itself told the user where the command went wrong. */
  complaint?: Message;
}

/** Text as Slack hands it over: with entities, and where the manifest says should_escape, with references. */
const escapeText = (world: World, text: string, command: ManifestCommand | undefined): string => {
  const plain = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  if (!command?.shouldEscape) return plain;
  const users = [...world.workspace.users.values()];
  const channels = [...world.workspace.channels.values()];
  return plain
    .replaceAll(/(^|\s)@([\w.-]+)/g, (all, before: string, name: string) => {
      const user = users.find((one) => one.name === name);
      return user ? `${before}<@${user.id}|${user.name}>` : all;
    })
    .replaceAll(/(^|\s)#([\w-]+)/g, (all, before: string, name: string) => {
      const channel = channels.find((one) => one.name === name);
      return channel ? `${before}<#${channel.id}|${channel.name}>` : all;
    });
};

/** Types a slash command into a channel (or, vainly, into a thread). */
export const slash = async (
  world: World,
  user: User,
  channel: Channel,
  line: string,
  threadTs?: string,
): Promise<SlashResult> => {
  const [, name = '', rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(line) ?? [];
  if (name === '') throw new Error(`chat server: ${line} is no slash command`);
  if (!channel.members.has(user.id)) throw new Error(`chat server: ${user.name} isn't in #${channel.name}`);
  const complain = (text: string): Message =>
    world.messages.post({
      channel: channel.id,
      user: 'USLACKBOT',
      fromSlackbot: true,
      ephemeralTo: user.id,
      text,
      ...(threadTs === undefined ? {} : { threadTs }),
    });
  const refused = (text: string): SlashResult => ({
    id: '',
    kind: 'slash_commands',
    payload: { command: name, text: rest },
    sentAt: world.clock.now(),
    outcome: 'not_sent',
    complaint: complain(text),
  });
  const command = world.app.commands?.get(name);
  if (world.app.commands && !command) {
    return refused(
      `${name} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as ` +
        'commands.\n\nIf you are trying to send a message and not run a command, try preceding the "/" with an empty space.',
    );
  }
  if (threadTs !== undefined) return refused(`${name} is not supported in threads. Sorry!`);

  const target = { user: user.id, channel: channel.id };
  const receipt: SlashResult = await world.delivery.send('slash_commands', {
    token: 'verification-token',
    team_id: world.workspace.team.id,
    team_domain: world.workspace.team.domain,
    channel_id: channel.id,
    channel_name: payloadChannelName(channel),
    user_id: user.id,
    user_name: user.name,
    command: name,
    text: escapeText(world, rest.trimEnd(), command),
    api_app_id: world.app.appId,
    is_enterprise_install: 'false',
    response_url: world.responseUrls.issue(target),
    trigger_id: world.triggers.issue(user.id),
  });
  if (receipt.outcome !== 'acked') {
    receipt.complaint = complain(`${name} failed with the error "${receipt.outcome}"`);
  } else if (isJson(receipt.response) && (receipt.response.text || receipt.response.blocks)) {
    applyResponse(world, target, receipt.response);
  }
  return receipt;
};
