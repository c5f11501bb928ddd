/** The real service over simulated hosts, behind the real Slack edge, in the local chat server. */
import type { SimHostOptions } from '../../demo/fleet/host.ts';
import type { Json } from '../../demo/slack/json.ts';
import type { ChatServer, ChatServerOptions } from '../../demo/slack/server.ts';
import { startChatServer } from '../../demo/slack/server.ts';
import type { Settings } from '../../src/domain/settings.ts';
import type { HandlerDeps } from '../../src/handlers/deps.ts';
import { registerHandlers } from '../../src/handlers/register.ts';
import { type RunningSlack, startSlack } from '../../src/infra/slack/app.ts';
import { catalog } from '../../src/operations/catalog.ts';
import { manifestFor } from '../../src/operations/manifest.ts';
import { testSettings } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

const ends: (() => unknown)[] = [];

export async function endAll(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

export interface Office {
  readonly server: ChatServer;
  readonly world: World;
  readonly slack: RunningSlack;
  /** What was logged at warn and above. */
  readonly said: readonly string[];
}

export interface OfficeOptions {
  readonly chat?: ChatServerOptions;
  readonly settings?: Partial<Settings>;
  readonly hosts?: readonly SimHostOptions[];
  readonly http?: boolean;
  readonly prefix?: string;
  /** Puts something between the edge and the service. */
  readonly service?: (service: HandlerDeps['service']) => HandlerDeps['service'];
}

/** The people of the test settings, in #team-01 and #team-02 by their teams; the bot in both and in #ops, not in #private. */
export async function office(options: OfficeOptions = {}): Promise<Office> {
  const prefix = options.prefix ?? '';
  const server = await startChatServer({ manifest: manifestFor(catalog, { prefix }), ...options.chat });
  ends.push(server.close);
  const base = testSettings([]);
  const people = base.people.map((person) => ({ ...person, slack: server.addUser({ name: person.name }).id }));
  server.addUser({ name: 'stranger' });
  const bot = server.app.botUserId;
  const mine = (team: string): string[] => people.filter(({ name }) => name.startsWith(team)).map(({ slack }) => slack);
  server.addChannel({ name: 'team-01', members: [bot, ...mine('01'), 'admin', 'auditor', 'stranger', '02-dev1'] });
  server.addChannel({ name: 'team-02', members: [bot, ...mine('02'), 'admin'] });
  server.addChannel({ name: 'ops', members: [bot, 'admin', '01-dev1'] });
  server.addChannel({ name: 'private', kind: 'private', members: ['01-dev1', 'admin'] });

  const world = await makeWorld({
    settings: { people, ...options.settings },
    ...(options.hosts === undefined ? {} : { hosts: options.hosts }),
  });
  ends.push(world.close);
  // The image was added before anybody looked: its card belongs to no test.
  world.db.exec('delete from card; delete from outbox');
  const said: string[] = [];
  const keep = (message: string, data?: Record<string, unknown>): void => {
    said.push(`${message} ${JSON.stringify(data ?? {})}`);
  };
  const log = { debug: () => undefined, info: () => undefined, warn: keep, error: keep };
  const slack = await startSlack({
    tokens: {
      bot: server.env.SLACK_BOT_TOKEN,
      app: options.http === true ? null : server.env.SLACK_APP_TOKEN,
      signingSecret: server.env.SLACK_SIGNING_SECRET,
      apiUrl: server.apiUrl,
    },
    port: 0,
    settings: () => world.settings,
    db: world.db,
    render: (id) => world.service.card(id),
    register: (app, edge) =>
      registerHandlers(app, {
        ...edge,
        service: options.service === undefined ? world.service : options.service(world.service),
        prefix,
        onChange: world.onChange,
        redrawMs: 20,
        log,
      }),
    log,
    socketTimes: { drainMs: 500, retryMs: [20, 200] },
    onListening: (port) => server.deliverTo(`http://127.0.0.1:${port}/slack/events`),
  });
  ends.push(slack.stop);
  return { server, world, slack, said };
}

/** All text in a message, view or block. */
export function textOf(thing: unknown): string {
  if (Array.isArray(thing)) return thing.map(textOf).join('\n');
  if (typeof thing !== 'object' || thing === null) return '';
  return Object.entries(thing)
    .map(([name, value]) => (name === 'text' && typeof value === 'string' ? value : textOf(value)))
    .filter((part) => part !== '')
    .join('\n');
}

/** The element of a form's field. */
export function elementOf(view: { readonly blocks: readonly Json[] }, field: string): Json {
  const block = view.blocks.find((one) => one.block_id === `field.${field}`);
  if (block === undefined) throw new Error(`no field ${field} in ${textOf(view.blocks)}`);
  return Object(block.element);
}
