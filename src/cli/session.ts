import type { Actor } from '../domain/access.ts';
import { asBotError, BotError } from '../domain/error.ts';
import { nearest } from '../domain/names.ts';
import type { Notice } from '../domain/notice.ts';
import { hasEnded } from '../domain/plan.ts';
import type { Settings } from '../domain/settings.ts';
import { overviewOf } from '../operations/catalog-lookup.ts';
import { checkInput, inputError } from '../operations/check-input.ts';
import { parseArgv } from '../operations/command-text.ts';
import { helpNotice } from '../operations/help.ts';
import type { Answer, Service } from '../operations/service.ts';
import type { OperationRow } from '../operations/store.ts';
import { EXIT, errorDocument, exitOfError, exitOfState, needsYes } from './exit.ts';
import type { RunRequest, RunResult } from './protocol.ts';

/** What a run works with, in the bot's process or in its own. */
export interface SessionDeps {
  readonly service: Service;
  readonly settings: () => Settings;
  /** Who a person of the config is now, teams included. */
  readonly actorOf: (person: string) => Promise<Actor>;
}

/** How a run speaks with whoever started it. */
export interface SessionIo {
  readonly card: (operationId: string, notice: Notice) => void;
  /** Something to tell meanwhile. */
  readonly note: (text: string) => void;
  readonly ask: (question: string) => Promise<boolean>;
  /** Aborted when the caller asks to cancel (the first Ctrl-C). */
  readonly cancel: AbortSignal;
  /** Aborted when the caller has gone: what runs goes on without him. */
  readonly gone: AbortSignal;
}

/** One `hostler run`, from words to the end of what it started. Never throws: what goes wrong is its result. */
export async function runSession(request: RunRequest, deps: SessionDeps, io: SessionIo): Promise<RunResult> {
  try {
    return await session(request, deps, io);
  } catch (cause) {
    return failure(asBotError(cause));
  }
}

/** The words as a command. What can't be read is an attempt, and goes into the audit as one. */
function readWords(request: RunRequest, actor: Actor, service: Service): ReturnType<typeof parseArgv> {
  try {
    return parseArgv(request.argv, service.catalog);
  } catch (cause) {
    const error = asBotError(cause);
    const origin = { via: 'terminal', channel: null, command: request.argv.join(' ').slice(0, 2000) } as const;
    service.misread({ error, actor, channelTeam: null, origin });
    throw error;
  }
}

/** A refusal as the result of a run. */
export function failure(error: BotError, notice: Notice | null = null): RunResult {
  return { exit: exitOfError(error), document: errorDocument(error), notice };
}

async function session(request: RunRequest, deps: SessionDeps, io: SessionIo): Promise<RunResult> {
  const { service } = deps;
  const settings = deps.settings();
  const actor = await deps.actorOf(personOf(request, settings));
  const parsed = readWords(request, actor, service);
  if (parsed.kind === 'help') return reading(helpNotice(parsed, service.catalog), null);
  let command = parsed;
  if (command.kind === 'bare') {
    const { family } = command;
    const list = overviewOf(service.catalog, family);
    if (list === null) return reading(helpNotice({ family, operation: null }, service.catalog), null);
    command = { kind: 'operation', operation: list, input: {}, options: {} };
  }
  const { operation, input, options } = command;
  const change = operation.kind === 'change' && options.dryRun !== true;
  // What is wrong with the input is worth more than the missing yes, and the service says it.
  if (change && !request.yes && !request.interactive && checkInput(operation, input).ok) throw needsYes();
  const answer = await service.request({
    name: operation.name,
    input,
    actor,
    channelTeam: request.channel === null ? null : teamOfChannel(request.channel, settings),
    origin: { via: 'terminal', channel: null, command: `hostler run -- ${request.argv.join(' ')}` },
    options,
    dedupe: null,
  });
  if (answer.kind !== 'operation') return resultOf(answer);
  return await carryThrough(answer.row, options.wait === true, actor, request, deps, io);
}

/** From plan to end: asks, accepts, waits for approval and follows. */
async function carryThrough(
  planned: OperationRow,
  waits: boolean,
  actor: Actor,
  request: RunRequest,
  deps: SessionDeps,
  io: SessionIo,
): Promise<RunResult> {
  const { service } = deps;
  const show = (row: OperationRow): void => {
    const notice = service.card(row.id);
    if (notice !== null) io.card(row.id, notice);
  };
  const press = (what: 'accept' | 'wait' | 'cancel', row: OperationRow): Promise<Answer> =>
    service.press({ press: { do: what, op: row.id, digest: row.digest }, actor });

  show(planned);
  let row = planned;
  if (row.state === 'planned') {
    const yes = request.yes || (await io.ask(`${row.plan.verb}?`));
    const answer = yes && !io.cancel.aborted ? await press(waits ? 'wait' : 'accept', row) : await press('cancel', row);
    if (answer.kind === 'refused') {
      // What was refused here is not wanted later either: the plan would hold its capacity until it expires.
      await press('cancel', row);
      return failure(answer.error, answer.notice);
    }
    if (answer.kind === 'operation') row = answer.row;
    show(row);
  }
  if (hasEnded(row.state) || (row.state === 'awaiting_approval' && !request.wait)) return ended(row, service);

  const cancel = (): void => {
    press('cancel', row).then(
      (answer) =>
        io.note(
          answer.kind === 'refused' ? answer.error.message : 'Cancelling. Press Ctrl-C again to leave it to itself.',
        ),
      () => undefined,
    );
  };
  if (io.cancel.aborted) cancel();
  io.cancel.addEventListener('abort', cancel, { once: true });
  try {
    return ended(await service.follow(row.id, 'end', { onChange: show, signal: io.gone }), service);
  } finally {
    io.cancel.removeEventListener('abort', cancel);
  }
}

function ended(row: OperationRow, service: Service): RunResult {
  const notice = service.card(row.id);
  const error =
    row.error === null ? null : { code: row.error.code, message: row.error.message, hint: row.error.hint ?? null };
  return {
    exit: exitOfState(row.state, row.error?.code ?? null),
    document: {
      operation: {
        id: row.id,
        kind: row.kind,
        state: row.state,
        vm: row.subject.startsWith('vm:') ? row.subject.slice(3) : null,
        host: row.host,
        steps: (notice?.steps ?? []).map(({ title, state, host, ms }) => ({ title, state, host, ms })),
        error,
      },
    },
    notice,
  };
}

function resultOf(answer: Exclude<Answer, { readonly kind: 'operation' }>): RunResult {
  switch (answer.kind) {
    case 'reading':
    case 'dry-run':
      return { exit: exitOfReading(answer.json), document: answer.json, notice: answer.notice };
    case 'refused':
      return failure(answer.error, answer.notice);
    case 'ask':
      return failure(inputError(answer.faults, answer.operation));
  }
}

function reading(notice: Notice, json: unknown): RunResult {
  return { exit: EXIT.done, document: json ?? { title: notice.title, code: notice.code?.text ?? null }, notice };
}

/** A reading that says `ok: false` of itself (a check, a broken audit) is not a success to a script. */
function exitOfReading(json: unknown): number {
  const parts: unknown[] = Array.isArray(json) ? json : [json];
  const bad = parts.some((part) => typeof part === 'object' && part !== null && 'ok' in part && part.ok === false);
  return bad ? EXIT.failed : EXIT.done;
}

/** The config's person behind the OS user, or the one named by `--as`. */
function personOf({ osUser, as }: RunRequest, settings: Settings): string {
  const self = settings.cli.users.get(osUser);
  if (self === undefined) {
    throw new BotError('forbidden', `The config doesn’t say who the user ${osUser} of this machine is`, {
      hint: `Under cli.users add a line "${osUser}: NAME", with a name from people.`,
    });
  }
  if (as === null || as === self) return self;
  if (!settings.cli.actAs.includes(self)) {
    throw new BotError('forbidden', `${self} may not act as somebody else`, {
      hint: 'Those who may stand under cli.act_as in the config.',
    });
  }
  const people = settings.people.map(({ name }) => name);
  if (people.includes(as)) return as;
  const near = nearest(as, people);
  throw new BotError('not_found', `The config has no person ${as}`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'See people in the config.',
    field: 'as',
  });
}

function teamOfChannel(channel: string, settings: Settings): string {
  const name = channel.replace(/^#/, '');
  const team = settings.teams.find((each) => each.channel === name);
  if (team !== undefined) return team.name;
  const channels = settings.teams.map((each) => each.channel);
  const near = nearest(name, channels);
  throw new BotError('invalid_input', `No team has the channel ${name}`, {
    hint:
      near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Channels of teams: ${channels.join(', ') || 'none'}.`,
    field: 'channel',
  });
}
