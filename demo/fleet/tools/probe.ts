/** ping, and the shell lines that Hostler gives: it knows no others. */
import { PIPE_FAILS } from '../../../src/domain/command.ts';
import { GUEST_RUN } from '../../../src/infra/guests/run.ts';
import { SIGNED_SUMS } from '../../../src/infra/images/signed.ts';
import { CONNECT } from '../../../src/infra/probes/probes.ts';
import { guestAt } from '../model/domains.ts';
import { ageScript } from './age.ts';
import { SCRIPTS } from './changes.ts';
import { signedSums } from './gpgv.ts';
import { heldScript } from './held.ts';
import { last, parseOptions } from './options.ts';
import { runPipe } from './pipe.ts';
import { fail, ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';

export const ping: Tool = (call) => {
  const parsed = parseOptions(call.args, { '-n': 'flag', '-q': 'flag', '-c': 'value', '-W': 'value' });
  const [address = '', ...others] = parsed.rest;
  if (parsed.bad !== undefined || others.length > 0 || last(parsed, '-c') !== '1')
    return unknown(`ping ${call.args.join(' ')}`, 2, 'ping: usage error');
  const answers = guestAt(call.model, address, call.now) !== undefined;
  const text = `PING ${address} (${address}) 56(84) bytes of data.\n\n--- ${address} ping statistics ---\n`;
  return answers
    ? ok(
        `${text}1 packets transmitted, 1 received, 0% packet loss, time 0ms\nrtt min/avg/max/mdev = 0.4/0.4/0.4/0.0 ms\n`,
      )
    : fail(1, '', `${text}1 packets transmitted, 0 received, 100% packet loss, time 0ms\n\n`);
};

export const bash: Tool = (call) => {
  const [option, script, name, ...given] = call.args;
  if (option === '-c' && name === 'hostler' && script === CONNECT) return connect(call, given);
  if (option === '-c' && name === 'hostler' && script === GUEST_RUN) return runInGuest(call, given);
  if (option === '-c' && name === 'hostler' && script === SIGNED_SUMS) return signedSums(call, given);
  const known = name === 'hostler' ? SCRIPTS.get(script ?? '') : undefined;
  if (option === '-c' && known !== undefined) return known(call, given);
  const held = option === '-c' && name === 'hostler' ? heldScript(call, script ?? '', given) : undefined;
  if (held !== undefined) return held;
  if (option === '-c' && script?.startsWith(PIPE_FAILS) === true && name === undefined)
    return runPipe(call, script.slice(PIPE_FAILS.length));
  const read = option === '-c' ? ageScript(call, script ?? '', name ?? '', given) : undefined;
  if (read !== undefined) return read;
  return unknown(`bash ${call.args.join(' ')}`, 127, 'bash: the simulator does not know this');
};

function connect({ model, now }: ToolCall, [address = '', port = '']: readonly string[]): ToolResult {
  const guest = guestAt(model, address, now);
  const why =
    guest === undefined
      ? 'No route to host'
      : (guest.guest.ports ?? [22]).includes(Number(port))
        ? undefined
        : 'Connection refused';
  if (why === undefined) return ok();
  return fail(1, `hostler: connect: ${why}\nhostler: line 1: /dev/tcp/${address}/${port}: ${why}\n`);
}

/** Asks the agent to begin, and then for the end: a script in a simulated guest has ended when it has begun. */
function runInGuest({ run, half }: ToolCall, [uri = '', uuid = '', request = '']: readonly string[]): ToolResult {
  const ask = (cmd: string) =>
    run(['virsh', '-c', uri, 'qemu-agent-command', '--domain', uuid, '--timeout', '10', '--cmd', cmd]);
  const began = ask(request);
  const pid = /"pid":(\d+)/.exec(began.stdout)?.[1];
  if (began.exit !== 0 || pid === undefined) return { ...began, exit: 1, stdout: '' };
  // Stopped half-way: it was begun, and nobody waits for its end.
  if (half) return fail(1, '');
  return ask(`{"execute":"guest-exec-status","arguments":{"pid":${pid}}}`);
}
