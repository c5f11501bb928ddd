/** What is wrong with a VM, from what its team wants of it and what its host says. Pure: instants come in. */
import type { DomainSeen } from './inventory.ts';
import type { Probe } from './sweep.ts';

/** What is remembered of a VM from sweep to sweep. */
export interface Remembered {
  readonly wanted: 'running' | 'off' | 'suspended' | null;
  readonly agentSeenAt: number | null;
  readonly agentSilentSince: number | null;
  readonly addressSeenAt: number | null;
  readonly addressLostSince: number | null;
  readonly starts: readonly number[];
}

type Power = 'running' | 'off' | 'suspended' | 'stopped by itself' | 'missing' | 'unknown';
type Seen = { readonly state: DomainSeen['state'] | 'missing'; readonly reason: string };

/** Starts within this time make a boot loop. */
const LOOP_MS = 15 * 60_000;
const LOOP_STARTS = 3;

/** What libvirt calls one that runs. */
export const RUNNING: readonly DomainSeen['state'][] = ['running', 'idle', 'in shutdown'];

/** How a VM is, as far as wishes go. */
export function powerOf(seen: Seen | null): Power {
  if (seen === null) return 'unknown';
  if (seen.state !== 'missing' && RUNNING.includes(seen.state)) return 'running';
  switch (seen.state) {
    case 'shut off':
    case 'crashed':
      return 'off';
    case 'pmsuspended':
      return 'suspended';
    case 'paused':
      // Snapshots, migrations and saves pause a guest for a moment, and end that themselves.
      return STOPPED.includes(seen.reason) ? 'stopped by itself' : 'suspended';
    case 'missing':
      return 'missing';
    default:
      return 'unknown';
  }
}

const STOPPED: readonly string[] = ['I/O error', 'watchdog', 'crashed', 'post-copy failed', 'api error'];

/** What a VM is to be where nobody has said so yet: what it was when it was first seen. */
export function wantedAtFirst(seen: Seen): Remembered['wanted'] {
  const power = powerOf(seen);
  if (power === 'running' || power === 'off' || power === 'suspended') return power;
  return power === 'stopped by itself' ? 'running' : null;
}

/** Why it is not up although it should be; null while it is, or needn't be, or nobody knows. */
export function whyDown(wanted: Remembered['wanted'], seen: Seen | null): string | null {
  const power = powerOf(seen);
  if (power === 'missing') return 'its host knows no such domain';
  if (seen === null || wanted !== 'running') return null;
  if (power === 'off') return OFF[seen.reason] ?? (seen.state === 'crashed' ? 'it crashed' : 'it is off');
  // Somebody suspended it past Hostler; it may well be meant, but its service is down.
  return power === 'suspended' && seen.reason === 'user' ? 'it was suspended on the host' : null;
}

const OFF: Readonly<Record<string, string>> = {
  shutdown: 'it was shut down from inside, or on the host',
  destroyed: 'its power was cut on the host',
  crashed: 'it crashed',
  failed: 'it failed to start',
  saved: 'it was saved to disk on the host',
  migrated: 'it was migrated away',
};

/** Why it is paused although nobody asked for that; null otherwise. */
export function whyPaused(seen: Seen | null): string | null {
  if (seen === null || powerOf(seen) !== 'stopped by itself') return null;
  return seen.reason === 'I/O error'
    ? 'it was paused on an I/O error: its disk could not be written'
    : `it was paused: ${seen.reason}`;
}

/** Starts again and again. */
export function isBootLoop(starts: readonly number[], now: number): boolean {
  return starts.filter((at) => now - at < LOOP_MS).length >= LOOP_STARTS;
}

/** The memory after one probe. What could not be asked changes nothing. */
export function afterProbe(
  before: Remembered,
  probe: Probe,
  now: number,
): Pick<Remembered, 'agentSeenAt' | 'agentSilentSince' | 'addressSeenAt' | 'addressLostSince'> {
  const agent =
    probe.agent === 'answers'
      ? { agentSeenAt: now, agentSilentSince: null }
      : probe.agent === 'silent' && before.agentSeenAt !== null
        ? { agentSeenAt: before.agentSeenAt, agentSilentSince: before.agentSilentSince ?? now }
        : {
            agentSeenAt: before.agentSeenAt,
            agentSilentSince: probe.agent === 'none' ? null : before.agentSilentSince,
          };
  const address =
    probe.hasAddress === true
      ? { addressSeenAt: now, addressLostSince: null }
      : probe.hasAddress === false && before.addressSeenAt !== null
        ? { addressSeenAt: before.addressSeenAt, addressLostSince: before.addressLostSince ?? now }
        : { addressSeenAt: before.addressSeenAt, addressLostSince: before.addressLostSince };
  return { ...agent, ...address };
}

/** The starts to remember, with one more. */
export function withStart(starts: readonly number[], at: number): readonly number[] {
  return [...starts, at].slice(-10);
}
