import { BotError } from '../domain/error.ts';
import type { Operation } from './spec.ts';
import { familiesOf, familyOf } from './usage.ts';

/** Slack's limits for a manifest (docs.slack.dev/reference/app-manifest): slash commands, and characters of their parts. */
const LIMITS = { commands: 50, command: 32, description: 2000, hint: 1000 } as const;

const SCOPES = [
  'commands',
  'chat:write',
  'files:write',
  'im:write',
  'users:read',
  'users:read.email',
  'usergroups:read',
  'channels:read',
  'groups:read',
] as const;

/** What each family is about, for the list that Slack shows while one types. */
const ABOUT: Readonly<Record<string, string>> = {
  vm: 'Make and run virtual machines',
  snapshot: 'Snapshots of virtual machines',
  image: 'Images that VMs are made of',
  host: 'The hypervisor hosts',
  storage: 'Storage of the hosts',
  network: 'Networks of the teams',
  capacity: 'Capacity: what is left, and for how long',
  slo: 'Uptime, and what is left of the error budget',
  quota: 'Quotas of the teams',
  alert: 'Alerts, and who has them',
  approval: 'Approvals that are open',
  dr: 'Restore tests',
  runbook: 'What to do when something is wrong',
  diagnose: 'Find out what is wrong',
  audit: 'The audit history',
  hostler: 'Help, and what Hostler knows of you',
};

/** The app manifest as Slack takes it (JSON is YAML too; this is plain data). Throws `invalid_input` for a prefix that makes a name too long. */
export function manifestFor(
  catalog: readonly Operation[],
  options: { readonly prefix: string },
): Readonly<Record<string, unknown>> {
  const { prefix } = options;
  if (!/^(?:[a-z0-9][a-z0-9_-]*)?$/.test(prefix)) {
    throw new BotError('invalid_input', `${JSON.stringify(prefix)} can’t stand before a slash command`, {
      hint: 'Give small letters, digits and hyphens, such as --prefix x-.',
    });
  }
  const commands = familiesOf(catalog).map((family) => commandOf(family, catalog, prefix));
  if (commands.length > LIMITS.commands) {
    throw new BotError('bug', `Slack takes ${LIMITS.commands} slash commands, and there are ${commands.length}`);
  }
  return {
    display_information: {
      name: 'Hostler',
      description: 'VMs on your own KVM hosts, from Slack',
      background_color: '#1f3a34',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: 'Hostler', always_online: true },
      slash_commands: commands,
    },
    oauth_config: { scopes: { bot: [...SCOPES] } },
    settings: {
      event_subscriptions: { bot_events: ['app_home_opened', 'member_joined_channel', 'member_left_channel'] },
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  };
}

function commandOf(family: string, catalog: readonly Operation[], prefix: string): Readonly<Record<string, unknown>> {
  const command = `/${prefix}${family}`;
  if (command.length > LIMITS.command) {
    throw new BotError(
      'invalid_input',
      `${command} has ${command.length} characters, and Slack takes ${LIMITS.command}`,
      {
        hint: 'Give a shorter --prefix.',
      },
    );
  }
  const verbs = catalog
    .filter((operation) => familyOf(operation) === family)
    .map((operation) => operation.name.split('.').slice(1).join(' '));
  return {
    command,
    description: clip(ABOUT[family] ?? `Commands on ${family}`, LIMITS.description),
    usage_hint: clip([...new Set([...verbs, 'help'])].join(' | '), LIMITS.hint),
    should_escape: false,
  };
}

function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
