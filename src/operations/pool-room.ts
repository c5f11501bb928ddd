import { admitToPool } from '../domain/pool.ts';
import type { PlanContext } from './spec.ts';

/**
 * Throws `no_capacity` where a host's pool could run full of what is asked, even at its worst and with all that others are being given
 * there just now; says how much is missing. `what` begins the refusal: `No room for a snapshot of team-01/web-01`.
 */
export function roomInPool(
  { rows, settings, opId }: Pick<PlanContext, 'rows' | 'settings' | 'opId'>,
  hostName: string,
  worstBytes: number,
  what: string,
): void {
  const host = settings.hosts.find(({ name }) => name === hostName);
  if (host === undefined) return;
  const observation = rows.hosts.find(hostName)?.observation ?? null;
  const underWayBytes = Math.max(0, rows.held({ host: hostName, except: opId }).diskBytes);
  admitToPool(host, observation, { worstBytes, underWayBytes }, what);
}
