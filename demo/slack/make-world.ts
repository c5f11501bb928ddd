import { type InstalledApp, readManifest } from './app.ts';
import { createBus } from './bus.ts';
import { type Clock, systemClock } from './clock.ts';
import { createDelivery } from './delivery/deliver.ts';
import { createResponseUrls } from './delivery/response-urls.ts';
import { createSocketHub } from './delivery/socket-hub.ts';
import { createTriggers } from './delivery/triggers.ts';
import { createFiles } from './model/files.ts';
import { createMessages } from './model/messages.ts';
import { createReadMarks } from './model/read-marks.ts';
import { createViews } from './model/views.ts';
import { createWorkspace, type Workspace } from './model/workspace.ts';
import type { FormerParts } from './state/convert.ts';
import { createTraffic } from './traffic.ts';
import { createTrouble } from './trouble.ts';
import type { World } from './world.ts';

/** What a world is made of. */
export interface WorldOptions {
  clock?: Clock;
  /** The app's manifest as parsed from manifest.yml; without it every command is taken and every event delivered. */
  manifest?: unknown;
  /** Scopes of the bot token; by default those of the manifest. */
  scopes?: readonly string[];
  botToken?: string;
  appToken?: string;
  signingSecret?: string;
  /** False: user groups answer plan_upgrade_required. */
  paidPlan?: boolean;
}

const install = (options: WorldOptions, workspace: Workspace): InstalledApp => {
  const read = readManifest(options.manifest);
  const bot = workspace.addUser({ name: read.name, realName: read.name, isBot: true });
  return {
    ...read,
    scopes: new Set(options.scopes ?? read.scopes),
    appId: 'A0HOSTLER',
    botId: 'B0HOSTLER',
    botUserId: bot.id,
    // not in the shape of real tokens, so that no secret scanner takes them for such
    botToken: options.botToken ?? 'xoxb-local-bot',
    appToken: options.appToken ?? 'xapp-local-app',
    signingSecret: options.signingSecret ?? 'local-signing-secret',
  };
};

/** Makes a world, empty but for the app, or with what was there before. */
export const createWorld = (
  options: WorldOptions,
  url: () => string,
  requestUrl: () => string | undefined,
  former?: FormerParts,
): World => {
  const clock = options.clock ?? systemClock;
  const bus = createBus();
  const traffic = createTraffic(clock, bus);
  const workspace = createWorkspace(clock, bus, former?.workspace);
  const app = install(options, workspace);
  const trouble = createTrouble(traffic, bus, () => hub);
  const delivery = createDelivery({
    clock,
    bus,
    traffic,
    trouble: () => trouble,
    hub: () => hub,
    signingSecret: app.signingSecret,
    requestUrl,
  });
  const hub = createSocketHub({ clock, traffic, bus, appId: app.appId }, delivery);
  return {
    clock,
    bus,
    traffic,
    trouble,
    app,
    workspace,
    messages: createMessages(workspace, bus),
    views: createViews(workspace, bus, clock.now, former?.homes),
    readMarks: createReadMarks(bus, former?.readMarks),
    files: createFiles(workspace, bus, former?.files),
    triggers: createTriggers(clock),
    responseUrls: createResponseUrls(clock, url, workspace.team.id),
    hub,
    delivery,
    url,
    requestUrl,
    paidPlan: options.paidPlan ?? true,
  };
};
