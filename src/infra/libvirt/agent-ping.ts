import type { Command } from '../../domain/command.ts';
import type { Virsh } from './virsh.ts';

/** A hung agent costs as many seconds. */
const SECONDS = '3';

/** virsh's words to ask a guest's agent for a sign of life. */
export function pinging(uuid: string): readonly [string, ...string[]] {
  return ['qemu-agent-command', '--domain', uuid, '--timeout', SECONDS, '--cmd', '{"execute":"guest-ping"}'];
}

/** Asks a guest's agent for a sign of life. */
export function agentPing(virsh: Virsh, uuid: string): Command {
  return virsh(pinging(uuid), { onFailure: 'go-on' });
}

/** virsh's words for an agent that does not answer, or is not there. */
export const SILENT = /[Gg]uest agent|QEMU agent command|agent is not|not configured/;

/** The agent answers, and may not run commands. */
export const EXEC_FORBIDDEN = /guest-exec(-status)? has (not )?been (disabled|found)|blocked|not allowed/;
