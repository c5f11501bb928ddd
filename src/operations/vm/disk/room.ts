import { BotError } from '../../../domain/error.ts';
import { roomOn } from '../../../domain/placement.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize } from '../../../domain/size.ts';
import type { Disk, Vm } from '../../../domain/vm.ts';
import { promisedOn } from '../../candidates.ts';
import { withinQuota } from '../../planning.ts';
import { roomInPool } from '../../pool-room.ts';
import type { PlanContext } from '../../spec.ts';

/**
 * Throws where a VM can't have so much more of disk: quota first, for no room on a host helps a team whose quota is used up. `what`
 * begins the refusal: `No room to extend vda of team-01/web-01 by 5 GiB`.
 */
export function haveRoom(
  vm: Vm,
  disk: Pick<Disk, 'kind' | 'vg'>,
  more: number,
  what: string,
  context: PlanContext,
): void {
  const { rows, settings, opId } = context;
  const team = settings.teams.find(({ name }) => name === vm.team);
  if (team !== undefined) withinQuota(team, { ...NOTHING, diskBytes: more }, opId, rows);
  const host = settings.hosts.find(({ name }) => name === vm.host);
  if (host === undefined) return;
  const observation = rows.hosts.find(host.name)?.observation ?? null;
  const refuse = (why: string) => {
    throw new BotError('no_capacity', `${what}: ${host.name} ${why}`, {
      hint: 'Ask an admin for room (`/host list`).',
    });
  };
  if (disk.kind === 'thick') {
    const free = observation?.groups?.find(({ name }) => name === disk.vg)?.freeBytes ?? 0;
    if (more > free) refuse(`has ${formatSize(free)} free in ${disk.vg}, ${formatSize(more - free)} are missing`);
    return;
  }
  roomInPool(context, host.name, more, what);
  if (observation === null) return;
  const room = roomOn({ settings: host, promised: promisedOn(rows, host.name, opId) }, observation).diskBytes;
  if (more > room)
    refuse(`may promise ${formatSize(Math.max(0, room))} more of disk, ${formatSize(more - room)} are missing`);
}
