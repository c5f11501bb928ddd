/** What only the guest itself can tell is asked of a few guests in each sweep: it costs a process each, and a hung agent costs time. */
import type { Command } from '../../domain/command.ts';
import type { Probe } from '../../domain/sweep.ts';
import type { Ran } from '../../operations/ports.ts';
import { pinging } from '../libvirt/agent-ping.ts';
import { chained, links } from '../libvirt/chain.ts';
import { ADDRESS_SOURCES, readAddresses } from '../libvirt/read.ts';
import type { Virsh } from '../libvirt/virsh.ts';

/** All that is asked about one guest, in one process. */
export function probeCommand(virsh: Virsh, uuid: string): Command {
  const asked = [
    pinging(uuid),
    ...ADDRESS_SOURCES.map((source) => ['domifaddr', '--domain', uuid, '--source', source]),
  ];
  return virsh([chained(asked)], { onFailure: 'go-on' });
}

export function readProbe(uuid: string, ran: Ran): Probe {
  const [ping, ...addresses] = links(ran, 1 + ADDRESS_SOURCES.length);
  return { uuid, agent: agentOf(ping), hasAddress: hasAddress(addresses) };
}

function agentOf(ping: Ran | undefined): Probe['agent'] {
  if (ping === undefined) return null;
  if (ping.exit === 0) return 'answers';
  if (/agent is not configured/i.test(ping.stderr)) return 'none';
  return /agent is not (?:responding|available)|agent command timed out/i.test(ping.stderr) ? 'silent' : null;
}

function hasAddress(answers: readonly Ran[]): boolean | null {
  try {
    return readAddresses(answers).length > 0;
  } catch {
    return null;
  }
}
