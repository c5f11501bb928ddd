/** One host: its kept link, the channels over it, and the calls. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type Command, commandLine } from '../../domain/command.ts';
import { asBotError, BotError } from '../../domain/error.ts';
import type { CallOptions, CallResult, HostCall } from '../../operations/ports.ts';
import { type Asked, callResult, callResults, failed, isRefusal } from './call-result.ts';
import { type Lane, makeChannels } from './channels.ts';
import { forwardError } from './connect-error.ts';
import { type Executed, execute } from './exec.ts';
import { keepLink, type LinkDeps } from './kept-link.ts';
import { renderScript } from './script.ts';
import type { Endpoint, HostConnection, HostStats, HostStatus } from './types.ts';

export interface Connection {
  /** Never rejects. */
  readonly run: <T>(call: HostCall<T>, options?: CallOptions) => Promise<CallResult<T>>;
  /** Never rejects. See `Fleet`. */
  readonly runInTurn: (
    calls: readonly HostCall<unknown>[],
    options?: CallOptions,
  ) => Promise<readonly CallResult<unknown>[]>;
  /** A stream to an address as seen from this host, for hosts behind it. Throws BotError `host_unreachable`. */
  readonly forward: (to: Endpoint) => Promise<Duplex>;
  readonly status: () => HostStatus;
  /** Takes nothing new from now on, and ends when what runs over it has ended. */
  readonly retire: () => void;
  /** Ends at once: calls under way are `unknown`. */
  readonly close: () => void;
}

/** `timeout -k 5`: seconds that a command gets after its limit, before SIGKILL. */
const KILL_AFTER = 5;

/** So often a refused channel is asked for again, after 10, 20, 40 … milliseconds. */
const REFUSALS = 6;
/** Milliseconds between a channel's end and the use of its place, for the reason named at `attempt`. */
const SETTLE = 2;

/** Connects when first asked. `openStream` leads to it through a jump host. */
export function makeConnection(host: HostConnection, deps: LinkDeps, openStream?: () => Promise<Duplex>): Connection {
  const { clock, settings } = deps;
  const stats = emptyStats();
  const channels = makeChannels(host.channels ?? 8);
  const link = keepLink(host.name, host, stats, deps, openStream);
  let users = 0;
  let retired = false;

  function leave(): void {
    users -= 1;
    if (retired && users === 0) link.close();
  }

  /** One round trip, and what came of it as `read` has it, or what kept it from beginning. */
  async function trip<R>(work: Work<R>, { lane = 'read', signal }: CallOptions): Promise<R> {
    users += 1;
    stats.calls += 1;
    const result = await attempt(work, lane, signal).catch((cause: unknown) =>
      work.never(signal?.aborted === true ? cancelled(work) : asBotError(cause)),
    );
    stats[work.outcomeOf(result)] += 1;
    leave();
    return result;
  }

  /**
   * Where nothing ran, once more: a link that died while idle is noticed when a channel is asked of it. And sshd frees
   * a session a moment after it has closed the channel, so a busy connection is refused one that will soon be there.
   */
  async function attempt<R>(work: Work<R>, lane: Lane, signal: AbortSignal | undefined): Promise<R> {
    for (let refusals = 0; ; ) {
      signal?.throwIfAborted();
      // First the link, so that nobody queues for a host that can't be reached; it may be another one when the turn has come.
      await unlessAborted(link.get(), signal);
      const release = await channel(lane, signal);
      const { client, fresh } = await unlessAborted(link.get(), signal).catch((cause: unknown) => {
        release();
        throw cause;
      });
      const executed = await send(client, work.commands, signal, () => void setTimeout(release, SETTLE));
      if (executed.end.kind === 'not-started') {
        if (signal?.aborted) return work.never(cancelled(work));
        if (!fresh && link.state().link !== 'up') continue;
        if (isRefusal(executed.end.why) && refusals < REFUSALS) {
          await clock.sleep(10 * 2 ** refusals, signal);
          refusals += 1;
          continue;
        }
      }
      return work.read({ host: host.name, lane, outputLimit: settings.outputLimit }, executed);
    }
  }

  /** A channel; what hangs on the host for good holds its own, so the wait for one has an end. */
  async function channel(lane: Lane, signal: AbortSignal | undefined): Promise<() => void> {
    const since = clock.now();
    const most = timer(lane === 'read' ? settings.readWait : host.limits.long * 1000);
    const release = await channels.take(lane, { signal, most, tooLong: () => busy(host.name, most) });
    const waited = clock.now() - since;
    stats.channelWait += waited;
    stats.channelWaitMax = Math.max(stats.channelWaitMax, waited);
    return release;
  }

  function send(
    client: Parameters<typeof execute>[0],
    commands: readonly Command[],
    signal: AbortSignal | undefined,
    onClosed: () => void,
  ): Promise<Executed> {
    try {
      const nonce = randomBytes(16).toString('hex');
      const seconds = commands.reduce((sum, { limit }) => sum + host.limits[limit] + KILL_AFTER, 0);
      return execute(client, {
        script: renderScript(commands, host.limits, nonce),
        nonce,
        expected: commands.map((it) => ({ line: commandLine(it, host.limits), onFailure: it.onFailure ?? 'stop' })),
        openTimeout: settings.connectTimeout,
        deadline: timer(seconds * 1000 + settings.deadlineSlack),
        outputLimit: settings.outputLimit,
        signal,
        onClosed,
      });
    } catch (cause) {
      onClosed();
      throw cause;
    }
  }

  async function forward(to: Endpoint): Promise<Duplex> {
    const { client } = await link.get();
    return new Promise((resolve, reject) => {
      let late = false;
      const timeout = setTimeout(() => {
        late = true;
        reject(forwardError(to, 'Timed out'));
      }, settings.connectTimeout);
      client.forwardOut('127.0.0.1', 0, to.address, to.port, (error, stream) => {
        clearTimeout(timeout);
        if (late) {
          stream?.destroy();
        } else if (error !== undefined) {
          reject(forwardError(to, error.message));
        } else {
          users += 1;
          stream.once('close', leave);
          resolve(stream);
        }
      });
    });
  }

  return {
    run: <T>(call: HostCall<T>, options: CallOptions = {}) => trip(single(call), options),
    runInTurn: (calls, options = {}) => trip(inTurn(calls), options),
    forward,
    status: () => ({
      ...link.state(),
      channels: { open: channels.open(), waiting: channels.waiting() },
      stats: { ...stats },
    }),
    retire: () => {
      retired = true;
      if (users === 0) link.close();
    },
    close: link.close,
  };
}

/** What a timer can bear: it fires at once for more than 24 days. */
function timer(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1);
}

function emptyStats(): HostStats {
  return {
    connects: 0,
    connectFailures: 0,
    calls: 0,
    done: 0,
    failed: 0,
    unknown: 0,
    channelWait: 0,
    channelWaitMax: 0,
    lastConnectedAt: undefined,
    lastError: undefined,
  };
}

function busy(host: string, waited: number): BotError {
  return new BotError('host_unreachable', `All channels to host ${host} were busy for ${Math.ceil(waited / 1000)} s`, {
    hint: 'Look what hangs on that host: processes of our user that do not end (a dead NFS mount, libvirtd).',
  });
}

function cancelled({ title }: Pick<Work<unknown>, 'title'>): BotError {
  return new BotError('cancelled', `${title}: cancelled before it began`);
}

/** What one round trip carries, and how its end is read. */
interface Work<R> {
  readonly title: string;
  readonly commands: readonly Command[];
  readonly read: (asked: Omit<Asked<unknown>, 'call'>, executed: Executed) => R;
  /** The result where nothing of it began. */
  readonly never: (error: BotError) => R;
  readonly outcomeOf: (result: R) => CallResult<unknown>['outcome'];
}

function single<T>(call: HostCall<T>): Work<CallResult<T>> {
  return {
    ...call,
    read: (asked, executed) => callResult({ ...asked, call }, executed),
    never: failed,
    outcomeOf: ({ outcome }) => outcome,
  };
}

function inTurn(calls: readonly HostCall<unknown>[]): Work<readonly CallResult<unknown>[]> {
  return {
    title: calls.map(({ title }) => title).join(', '),
    commands: calls.flatMap(({ commands }) => commands),
    read: (asked, executed) => callResults(asked, calls, executed),
    never: (error) => [failed(error)],
    outcomeOf: (results) => results.at(-1)?.outcome ?? 'done',
  };
}

/** Rejects with the signal's reason as soon as it is aborted; what was waited for goes on by itself. */
function unlessAborted<T>(waited: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return waited;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    waited.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
