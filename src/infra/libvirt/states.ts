/** libvirt's numbers for a domain's state and its reason, as words (libvirt-domain.h: virDomainState and its reasons). */
import { DOMAIN_STATES, type DomainState } from '../../domain/inventory.ts';

/** The words of `virsh domstate --reason`; index is the number. */
const REASONS: Readonly<Record<DomainState, readonly string[]>> = {
  'no state': ['unknown'],
  running: [
    'unknown',
    'booted',
    'migrated',
    'restored',
    'from snapshot',
    'unpaused',
    'migration canceled',
    'save canceled',
    'event wakeup',
    'crashed',
    'post-copy',
    'post-copy failed',
  ],
  idle: ['unknown'],
  paused: [
    'unknown',
    'user',
    'migrating',
    'saving',
    'dumping',
    'I/O error',
    'watchdog',
    'from snapshot',
    'shutting down',
    'creating snapshot',
    'crashed',
    'starting up',
    'post-copy',
    'post-copy failed',
    'api error',
  ],
  'in shutdown': ['unknown', 'user'],
  'shut off': ['unknown', 'shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from snapshot', 'daemon'],
  crashed: ['unknown', 'panicked'],
  pmsuspended: ['unknown'],
};

/** State and reason for libvirt's numbers. A number that a newer libvirt may bring is `no state`, or the reason ''. */
export function stateOf(state: number, reason: number): { readonly state: DomainState; readonly reason: string } {
  const word = DOMAIN_STATES[state] ?? 'no state';
  const why = REASONS[word][reason] ?? '';
  return { state: word, reason: why === 'unknown' ? '' : why };
}
