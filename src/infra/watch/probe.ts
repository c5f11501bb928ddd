/** What only the guest itself can tell is asked of a few guests in each sweep, for a hung agent costs time. */
import type { Probe } from '../../domain/sweep.ts';
import type { Ran } from '../../operations/ports.ts';
import { pinging } from '../libvirt/agent-ping.ts';
import { ADDRESS_SOURCES, readAddresses } from '../libvirt/read.ts';

/** How many commands `asking` is. */
export const ASKED_EACH = 1 + ADDRESS_SOURCES.length;

/** All that is asked about one guest: virsh's words, command by command. */
export function asking(uuid: string): readonly (readonly string[])[] {
  return [pinging(uuid), ...ADDRESS_SOURCES.map((source) => ['domifaddr', '--domain', uuid, '--source', source])];
}

/** The answers to what `asking` asks of each of these guests, one guest's after the other's. */
export function readProbes(uuids: readonly string[], answers: readonly Ran[]): readonly Probe[] {
  return uuids.map((uuid, index) => {
    const [ping, ...addresses] = answers.slice(index * ASKED_EACH, (index + 1) * ASKED_EACH);
    return { uuid, agent: agentOf(ping), hasAddress: hasAddress(addresses) };
  });
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
