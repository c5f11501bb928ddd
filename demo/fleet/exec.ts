/** The fleet port over simulated hosts in this process: scripts are rendered, parsed, run and read as over SSH, without sockets. */
import { randomBytes } from 'node:crypto';
import { type Command, commandLine, DEFAULT_LIMITS, type TimeLimits } from '../../src/domain/command.ts';
import { BotError } from '../../src/domain/error.ts';
import { callResult, callResults, failed } from '../../src/infra/ssh/call-result.ts';
import type { Executed } from '../../src/infra/ssh/exec.ts';
import { readAnswer } from '../../src/infra/ssh/frames.ts';
import { renderScript, SCRIPT_EXEC } from '../../src/infra/ssh/script.ts';
import type { CallOptions, CallResult, Fleet, HostCall } from '../../src/operations/ports.ts';
import type { SimHost } from './host.ts';

export interface SimulatedFleet extends Fleet {
  /** Throws BotError `not_found` for a host that it doesn't have. */
  readonly host: (name: string) => SimHost;
  /** What any host did not know; a test asserts that it is empty. */
  readonly unknown: () => readonly string[];
}

export interface SimulatedFleetOptions {
  readonly limits?: TimeLimits;
}

const OUTPUT_LIMIT = 16 * 1024 * 1024;

export function simulatedFleet(hosts: readonly SimHost[], options: SimulatedFleetOptions = {}): SimulatedFleet {
  const { limits = DEFAULT_LIMITS } = options;
  const byName = new Map(hosts.map((it) => [it.name, it]));
  function host(name: string): SimHost {
    const found = byName.get(name);
    if (found === undefined)
      throw new BotError('not_found', `There is no host ${name}`, { hint: 'See `/host list`.', field: 'host' });
    return found;
  }

  /** What the host did with the commands, or what kept it from beginning. */
  async function send(
    name: string,
    title: string,
    commands: readonly Command[],
    signal: AbortSignal | undefined,
  ): Promise<Executed | BotError> {
    const sim = host(name);
    if (sim.trouble.down) return new BotError('host_unreachable', `Host ${name} can't be reached: connection refused`);
    if (signal?.aborted === true) return new BotError('cancelled', `${title}: given up before it ran on ${name}`);
    const nonce = randomBytes(16).toString('hex');
    const expected = commands.map((it) => ({ line: commandLine(it, limits), onFailure: it.onFailure ?? 'stop' }));
    const said = { stdout: '', stderr: '' };
    const output = {
      stdout: (text: string) => {
        said.stdout += text;
      },
      stderr: (text: string) => {
        said.stderr += text;
      },
    };
    const ended = await sim.exec(SCRIPT_EXEC, renderScript(commands, limits, nonce), output, signal);
    const aborted = ended.kind === 'cut' && isAborted(signal);
    const end: Executed['end'] = aborted ? { kind: 'aborted' } : ended;
    return { end, answer: readAnswer(nonce, expected, said.stdout, said.stderr) };
  }

  async function run<T>(
    name: string,
    call: HostCall<T>,
    { lane = 'read', signal }: CallOptions = {},
  ): Promise<CallResult<T>> {
    const sent = await send(name, call.title, call.commands, signal);
    if (sent instanceof BotError) return failed(sent);
    return callResult({ host: name, call, lane, outputLimit: OUTPUT_LIMIT }, sent);
  }

  const runInTurn: Fleet['runInTurn'] = async (name, calls, { lane = 'read', signal } = {}) => {
    const commands = calls.flatMap((call) => call.commands);
    const sent = await send(name, calls.map(({ title }) => title).join(', '), commands, signal);
    if (sent instanceof BotError) return [failed(sent)];
    return callResults({ host: name, lane, outputLimit: OUTPUT_LIMIT }, calls, sent);
  };

  return {
    run,
    runInTurn,
    line: (name, command) => {
      host(name);
      return commandLine(command, limits);
    },
    hosts: () => [...byName.keys()],
    host,
    unknown: () => hosts.flatMap((it) => it.unknown().map((what) => `${it.name}: ${what}`)),
  };
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
