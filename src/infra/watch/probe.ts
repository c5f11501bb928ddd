/** What only the guest itself can tell is asked of a few guests in each sweep, for a hung agent costs time. */
import type { Probe } from '../../domain/sweep.ts';
import type { Ran } from '../../operations/ports.ts';
import { pinging } from '../libvirt/agent-ping.ts';
import { ADDRESS_SOURCES, readAddresses } from '../libvirt/read.ts';

/**
 * All that is asked about these guests: virsh's words, command by command. First of all whether their agents are alive: a hung one is
 * known after seconds, and costs as much again where it is asked for addresses, which the time limit may not leave to all.
 */
export function asking(uuids: readonly string[]): readonly (readonly string[])[] {
  return [
    ...uuids.map(pinging),
    ...uuids.flatMap((uuid) => ADDRESS_SOURCES.map((source) => ['domifaddr', '--domain', uuid, '--source', source])),
  ];
}

/** The answers to what `asking` asks of these guests. */
export function readProbes(uuids: readonly string[], answers: readonly Ran[]): readonly Probe[] {
  return uuids.map((uuid, index) => {
    const from = uuids.length + index * ADDRESS_SOURCES.length;
    const addresses = answers.slice(from, from + ADDRESS_SOURCES.length);
    return { uuid, agent: agentOf(answers[index]), hasAddress: hasAddress(addresses) };
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
