/** One host: its kept link, the channels over it, and the calls. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { commandLine } from '../../domain/command.ts';
import { asBotError, BotError } from '../../domain/error.ts';
import type { CallOptions, CallResult, HostCall } from '../../operations/ports.ts';
import { callResult, failed, isRefusal } from './call-result.ts';
import { type Lane, makeChannels } from './channels.ts';
import { forwardError } from './connect-error.ts';
import { type Executed, execute } from './exec.ts';
import { keepLink, type LinkDeps } from './kept-link.ts';
import { renderScript } from './script.ts';
import type { Endpoint, HostConnection, HostStats, HostStatus } from './types.ts';

export interface Connection {
  /** Never rejects. */
  readonly run: <T>(call: HostCall<T>, options?: CallOptions) => Promise<CallResult<T>>;
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

  async function run<T>(call: HostCall<T>, options: CallOptions = {}): Promise<CallResult<T>> {
    users += 1;
    stats.calls += 1;
    const result = await attempt(call, options.lane ?? 'read', options.signal).catch(
      (cause: unknown): CallResult<T> => {
        if (options.signal?.aborted) return failed(cancelled(call));
        return failed(asBotError(cause));
      },
    );
    stats[result.outcome] += 1;
    leave();
    return result;
  }

  /**
   * Where nothing ran, once more: a link that died while idle is noticed when a channel is asked of it. And sshd frees
   * a session a moment after it has closed the channel, so a busy connection is refused one that will soon be there.
   */
  async function attempt<T>(call: HostCall<T>, lane: Lane, signal: AbortSignal | undefined): Promise<CallResult<T>> {
    for (let refusals = 0; ; ) {
      signal?.throwIfAborted();
      // First the link, so that nobody queues for a host that can't be reached; it may be another one when the turn has come.
      await unlessAborted(link.get(), signal);
      const release = await channel(lane, signal);
      const { client, fresh } = await unlessAborted(link.get(), signal).catch((cause: unknown) => {
        release();
        throw cause;
      });
      const executed = await send(client, call, signal, () => void setTimeout(release, SETTLE));
      if (executed.end.kind === 'not-started') {
        if (signal?.aborted) return failed(cancelled(call));
        if (!fresh && link.state().link !== 'up') continue;
        if (isRefusal(executed.end.why) && refusals < REFUSALS) {
          await clock.sleep(10 * 2 ** refusals, signal);
          refusals += 1;
          continue;
        }
      }
      return callResult({ host: host.name, call, lane, outputLimit: settings.outputLimit }, executed);
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

  function send<T>(
    client: Parameters<typeof execute>[0],
    { commands }: HostCall<T>,
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
    run,
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

function cancelled<T>(call: HostCall<T>): BotError {
  return new BotError('cancelled', `${call.title}: cancelled before it began`);
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
