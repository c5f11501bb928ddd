/** A past for a demo that has just begun, written beside its running bot: months of capacity, VMs by the thousand, their uptime. */
import { dirname, join } from 'node:path';
import type { RunningDemo } from '../../demo/start.ts';
import type { Measure } from '../../src/domain/capacity.ts';
import { GiB } from '../../src/domain/size.ts';
import { openDatabase } from '../../src/infra/sqlite/database.ts';
import { openRows } from '../../src/infra/sqlite/rows.ts';
import { vmRow } from '../kit/vm-row.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = 60;
/** The demo's own have lower MACs. */
const FIRST = 1_000_000;

/** So many VMs shared among the teams, as old as the record; they grew by half in that time. */
export function givePast({ configFile }: RunningDemo, teams: readonly string[], vms: number): void {
  const db = openDatabase(join(dirname(configFile), 'bot', 'hostler.db'));
  try {
    const rows = openRows(db, { touchCard: () => {}, post: () => {} });
    const now = Date.now();
    const today = Math.floor(now / DAY);
    const scopes = [
      ['fleet', vms] as const,
      ...teams.map((team, n) => [`team/${team}`, (vms * (n + 1)) / sum(teams)] as const),
    ];
    rows.transaction(() => {
      for (const [scope, count] of scopes)
        rows.capacity.save(Array.from({ length: DAYS }, (_, n) => day(scope, count, today, n)));
      for (let n = 0; n < vms; n += 1) {
        const team = teams[n % teams.length] ?? '';
        // On no host of the demo's: its sweeps would miss them.
        const vm = vmRow(FIRST + n, {
          team,
          name: `shop-${String(n).padStart(5, '0')}`,
          host: 'elsewhere',
          createdAt: now - DAYS * DAY,
          vcpus: 2,
          memoryBytes: 4 * GiB,
          seen: { state: 'running', reason: 'booted', at: now },
        });
        rows.vms.insert(vm);
        uptime(vm.id, n, now);
      }
    });
    /** Most were up all the time; one in nine was down for some hours, one in thirty was not seen for a day. */
    function uptime(id: string, n: number, until: number): void {
      const span = db.prepare('insert into vm_uptime values (?, ?, ?, ?)');
      const from = until - DAYS * DAY;
      const down = n % 9 === 0 ? (1 + (n % 7)) * HOUR : 0;
      const middle = until - 33 * DAY;
      if (down > 0) span.run(id, middle, middle + down, 'down');
      span.run(id, from, n % 30 === 0 ? middle - DAY : middle, 'up');
      span.run(id, middle + down, until, 'up');
    }
  } finally {
    db.close();
  }
}

const sum = (teams: readonly string[]): number => (teams.length * (teams.length + 1)) / 2;

function day(scope: string, vms: number, today: number, n: number) {
  const grown = vms * (2 / 3 + n / (3 * DAYS)) * (1 + Math.sin(n * 1.7) / 60);
  const part = (each: number, limit: number): Measure => ({
    size: limit,
    limit,
    allocated: Math.round(grown) * each,
    held: 0,
    used: grown * each * (0.4 + Math.sin(n / 3) / 20),
  });
  return {
    scope,
    day: today - DAYS + 1 + n,
    measures: {
      vcpus: part(2, Math.ceil(vms * 3)),
      memory: part(4 * GiB, Math.ceil(vms * 4.4) * GiB),
      disk: part(20 * GiB, Math.ceil(vms * 30) * GiB),
    },
  };
}
