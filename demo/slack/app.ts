import { asObjects, asText, isJson, type Json } from './json.ts';

/** A slash command as the manifest declares it. */
export interface ManifestCommand {
  /** With the slash. */
  command: string;
  description: string;
  usageHint: string;
  shouldEscape: boolean;
  /** Where requests go over HTTP; undefined in Socket Mode. */
  url?: string;
}

/** The app under test, as installed in the workspace. */
export interface InstalledApp {
  appId: string;
  botId: string;
  botUserId: string;
  name: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  /** Scopes of the bot token. */
  scopes: Set<string>;
  /** Undefined where no manifest was given: then every command is taken and every event delivered. */
  commands?: Map<string, ManifestCommand>;
  /** Events that the app subscribed to; undefined as above. */
  events?: Set<string>;
  shortcuts: { name: string; callbackId: string; kind: 'global' | 'message' }[];
  homeTab: boolean;
  /** People may write to the app. */
  messagesTab: boolean;
  /** What the manifest says it does; may be empty. */
  description: string;
}

/** Scopes of an app whose manifest names none: what a ChatOps bot needs. */
const DEFAULT_SCOPES = [
  ...['commands', 'chat:write', 'files:write', 'im:write', 'users:read', 'users:read.email'],
  ...['usergroups:read', 'channels:read', 'groups:read'],
];

const inside = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((part, name) => (isJson(part) ? part[name] : undefined), value);

const strings = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;

const commandOf = (entry: Json): ManifestCommand => {
  const url = asText(entry.url);
  return {
    command: asText(entry.command) ?? '',
    description: asText(entry.description) ?? '',
    usageHint: asText(entry.usage_hint) ?? '',
    shouldEscape: entry.should_escape === true,
    ...(url === undefined ? {} : { url }),
  };
};

/** What of an app the manifest (the parsed object of manifest.yml) decides. */
export const readManifest = (
  manifest: unknown,
): Pick<
  InstalledApp,
  'name' | 'scopes' | 'shortcuts' | 'homeTab' | 'messagesTab' | 'description' | 'commands' | 'events'
> => {
  const name =
    asText(inside(manifest, 'features', 'bot_user', 'display_name')) ??
    asText(inside(manifest, 'display_information', 'name')) ??
    'hostler';
  const scopes = strings(inside(manifest, 'oauth_config', 'scopes', 'bot')) ?? DEFAULT_SCOPES;
  const shortcuts = asObjects(inside(manifest, 'features', 'shortcuts')).map((entry) => ({
    name: asText(entry.name) ?? '',
    callbackId: asText(entry.callback_id) ?? '',
    kind: entry.type === 'message' ? ('message' as const) : ('global' as const),
  }));
  const homeTab = manifest === undefined || inside(manifest, 'features', 'app_home', 'home_tab_enabled') === true;
  const home = inside(manifest, 'features', 'app_home');
  const messagesTab = !isJson(home) || home.messages_tab_read_only_enabled !== true;
  const description = asText(inside(manifest, 'display_information', 'description')) ?? '';
  const both = { name, scopes: new Set(scopes), shortcuts, homeTab, messagesTab, description };
  if (manifest === undefined) return both;
  const commands = asObjects(inside(manifest, 'features', 'slash_commands')).map(commandOf);
  const events = strings(inside(manifest, 'settings', 'event_subscriptions', 'bot_events')) ?? [];
  return {
    ...both,
    commands: new Map(commands.map((command) => [command.command, command])),
    events: new Set(events),
  };
};
