import { readWords } from '../../../../src/infra/ssh/words.ts';
import { parseOptions } from '../options.ts';
import { fail, ok, type ToolCall, type ToolResult, unknown } from '../tool.ts';
import { addressCommands } from './addresses.ts';
import { agentCommands } from './agent.ts';
import { blockCommands } from './block.ts';
import type { VirshCommand } from './command.ts';
import { defineCommands } from './define.ts';
import { diskCommands } from './disk.ts';
import { echoCommands } from './echo.ts';
import { lifecycleCommands } from './lifecycle.ts';
import { metadataCommands } from './metadata.ts';
import { mirrorCommands } from './mirror.ts';
import { networkCommands } from './network.ts';
import { showCommands } from './show.ts';
import { sizeCommands } from './size.ts';
import { statsCommands } from './stats.ts';

const COMMANDS: Readonly<Record<string, VirshCommand>> = {
  ...showCommands,
  ...statsCommands,
  ...lifecycleCommands,
  ...defineCommands,
  ...metadataCommands,
  ...mirrorCommands,
  ...addressCommands,
  ...agentCommands,
  ...echoCommands,
  ...blockCommands,
  ...diskCommands,
  ...networkCommands,
  ...sizeCommands,
};

const GLOBAL = { '-c': 'value', '--connect': 'value', '-r': 'flag', '--readonly': 'flag', '-q': 'flag' } as const;

export function virsh(call: ToolCall): ToolResult {
  const { args } = call;
  let at = 0;
  let uri = 'qemu:///system';
  while (args[at]?.startsWith('-')) {
    const option = args[at] ?? '';
    if (option === '-V') return ok(VERSION);
    const kind = Object.entries(GLOBAL).find(([name]) => name === option)?.[1];
    if (kind === undefined || option === '-q')
      return unknown(`virsh ${option}`, 1, `error: unsupported option '${option}'. See --help.`);
    if (kind === 'value') uri = args[at + 1] ?? '';
    at += kind === 'value' ? 2 : 1;
  }
  const only = args.length === at + 1 ? args[at] : undefined;
  const several = only?.includes(' ') ? only.split(';').map((each) => readWords(each.trim(), 0).words) : undefined;
  if (several !== undefined) return inTurn(call, args.slice(0, at), several);
  const name = args[at] ?? '';
  const command = COMMANDS[name];
  if (command === undefined) return unknown(`virsh ${name}`, 1, `error: unknown command: '${name}'`);
  const parsed = parseOptions(args.slice(at + 1), command.options);
  if (parsed.bad !== undefined) {
    const { option, why } = parsed.bad;
    const text =
      why === 'unknown'
        ? `error: command '${name}' doesn't support option ${option}`
        : `error: expected syntax: ${option} <string>`;
    return unknown(`virsh ${name} ${option}`, 1, text);
  }
  const filled = fill(name, command, parsed.options, parsed.rest);
  if ('exit' in filled) return filled;
  if (uri !== 'qemu:///system') return unknown(`virsh -c ${uri}`, 1, 'error: failed to connect to the hypervisor');
  if (!call.model.libvirt.running) {
    return fail(
      1,
      "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
    );
  }
  return command.run({ ...call, parsed: { options: filled.options, rest: [] } });
}

/** One argument that holds commands: each is carried out, whatever became of the one before, and the last one's exit counts. */
function inTurn(call: ToolCall, global: readonly string[], commands: readonly (readonly string[])[]): ToolResult {
  // Stopped half-way: after the first of them.
  const now = call.half ? commands.slice(0, 1) : commands;
  const results: ToolResult[] = [];
  for (const words of now) {
    const result = virsh({ ...call, half: false, args: [...global, ...words] });
    results.push(result);
    // Without libvirt it begins none of them, and says so once.
    if (!call.model.libvirt.running) break;
  }
  const strange = results.find((each) => each.unknown !== undefined)?.unknown;
  return {
    exit: call.half ? 1 : (results.at(-1)?.exit ?? 0),
    stdout: results.map(({ stdout }) => stdout).join(''),
    stderr: results.map(({ stderr }) => stderr).join(''),
    ...(strange === undefined ? {} : { unknown: strange }),
  };
}

/** Words without a name, given to the options that take them. */
function fill(
  name: string,
  command: VirshCommand,
  options: ReadonlyMap<string, readonly string[]>,
  rest: readonly string[],
): { options: ReadonlyMap<string, readonly string[]> } | ToolResult {
  const filled = new Map(options);
  const words = [...rest];
  for (const entry of command.words ?? []) {
    const option = entry.replace(/[!*]$/, '');
    if (entry.endsWith('*')) filled.set(option, [...(filled.get(option) ?? []), ...words.splice(0)]);
    if (filled.has(option) || entry.endsWith('*')) continue;
    const word = words.shift();
    if (word !== undefined) filled.set(option, [word]);
    else if (entry.endsWith('!'))
      return unknown(
        `virsh ${name} without ${option}`,
        1,
        `error: command '${name}' requires <${option.slice(2)}> option`,
      );
  }
  if (words.length > 0) return unknown(`virsh ${name} ${words[0]}`, 1, `error: unexpected data '${words[0]}'`);
  return { options: filled };
}

const VERSION = `Virsh command line tool of libvirt 9.0.0
See web site at https://libvirt.org/

Compiled with support for:
 Hypervisors: QEMU/KVM LXC LibXL OpenVZ VMware VirtualBox ESX Test
 Networking: Remote Network Bridging Interface udev Nwfilter
 Storage: Dir Disk Filesystem SCSI Multipath iSCSI iSCSI-direct LVM RBD Gluster ZFS
 Miscellaneous: Daemon Nodedev AppArmor SELinux Secrets Debug DTrace Readline
`;
