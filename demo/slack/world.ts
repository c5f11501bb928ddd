import type { InstalledApp } from './app.ts';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Delivery } from './delivery/deliver.ts';
import type { ResponseUrls } from './delivery/response-urls.ts';
import type { SocketHub } from './delivery/socket-hub.ts';
import type { Triggers } from './delivery/triggers.ts';
import type { Files } from './model/files.ts';
import type { Messages } from './model/messages.ts';
import type { ReadMarks } from './model/read-marks.ts';
import type { Views } from './model/views.ts';
import type { Workspace } from './model/workspace.ts';
import type { Traffic } from './traffic.ts';
import type { Trouble, TroubleState } from './trouble.ts';

/** All parts of one running chat server; functions take it whole or the part they need. */
export interface World {
  clock: Clock;
  bus: Bus;
  traffic: Traffic;
  trouble: Trouble & TroubleState;
  app: InstalledApp;
  workspace: Workspace;
  messages: Messages;
  views: Views;
  readMarks: ReadMarks;
  files: Files;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  hub: SocketHub;
  delivery: Delivery;
  /** http://host:port, without a slash at the end. */
  url(): string;
  /** Where payloads go over HTTP; undefined in Socket Mode. */
  requestUrl(): string | undefined;
  /** False: usergroups.* answer plan_upgrade_required, as on Slack's free plan. */
  paidPlan: boolean;
}
