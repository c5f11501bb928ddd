/** What a fleet can be asked for, and what to type instead. */
import { BotError } from '../../src/domain/error.ts';
import { MOST_HOSTS, MOST_VMS_A_HOST } from './vm-plan.ts';

interface Asked {
  readonly hosts: number;
  readonly vms: number;
  readonly teams: number;
  readonly portBase?: number;
}

/** Throws `invalid_input` for a fleet that can't be. */
export function checkFleet({ hosts, vms, teams, portBase }: Asked): void {
  whole('hosts', hosts, 1, MOST_HOSTS, 'hosts');
  whole('vms', vms, 0, MOST_HOSTS * MOST_VMS_A_HOST, 'VMs');
  whole('teams', teams, 1, 99, 'teams');
  const room = hosts * MOST_VMS_A_HOST;
  if (vms > room) {
    throw new BotError(
      'invalid_input',
      `${vms} VMs have no room: ${hosts} ${hosts === 1 ? 'host takes' : 'hosts take'} ${room}`,
      {
        hint: `Ask for at least --hosts ${Math.ceil(vms / MOST_VMS_A_HOST)}, or for fewer VMs.`,
        field: 'vms',
      },
    );
  }
  if (portBase === undefined) return;
  const last = 65_536 - hosts;
  whole('port-base', portBase, 1024, last, `ports: ${hosts} hosts need ${hosts} in a row`);
}

function whole(field: string, value: number, least: number, most: number, of: string): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new BotError(
    'invalid_input',
    `--${field} ${value}: there can be no such number of ${of}`.replace('number of ports', 'run of ports'),
    {
      hint: `Give a whole number from ${least} to ${most}.`,
      field,
    },
  );
}
