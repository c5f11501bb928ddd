import { describe, expect, it } from 'vitest';
import type { Backup } from '../../src/domain/backup.ts';
import { buildingOn, chainIsOver, chainOf, readyChain } from '../../src/domain/backup-chain.ts';

function backup(number: number, parent: number | null, more: Partial<Backup> = {}): Backup {
  return {
    ...{ id: `bak_${number}`, vmId: 'vm_1', team: 'team-01', vmName: 'web-01', number, host: 'kvm-1', directory: '/b' },
    ...{ origin: 'person', state: 'ready', consistency: 'crash', encryptedTo: null, disks: [], madeBy: 'ann' },
    ...{
      takenAt: number,
      verifiedAt: null,
      base: null,
      marker: null,
      parent: parent === null ? null : `bak_${parent}`,
    },
    vm: {
      ...{ uuid: '', vcpus: 1, memoryBytes: 1, flavor: '', image: null, login: null, network: '', mac: '' },
      ...{ autostart: false, seeded: false, xml: '' },
    },
    files: [{ path: '/b/x', sizeBytes: parent === null ? 1000 : 10, sha256: '' }],
    ...more,
  };
}
const byId = (all: readonly Backup[]) => (id: string) => all.find((each) => each.id === id) ?? null;
const numbers = (all: readonly Backup[]) => all.map(({ number }) => number);

describe('a chain', () => {
  const all = [backup(1, null), backup(2, 1), backup(3, 2), backup(4, null), backup(5, 2)];

  it('begins with a full one and ends with the backup', () => {
    for (const [of, expected] of [
      [3, [1, 2, 3]],
      [4, [4]],
    ] as const) {
      const chain = chainOf(all.find(({ number }) => number === of) ?? backup(of, null), byId(all));
      expect(chain.whole ? numbers(chain.backups) : chain.why).toEqual(expected);
    }
  });

  it('is none where one is gone, and not ready where one is damaged', () => {
    const last = backup(3, 2);
    const without = chainOf(last, byId([backup(1, null)]));
    expect(without).toEqual({ whole: false, why: 'what team-01/web-01.3 builds on is gone' });
    const damaged = [backup(1, null, { state: 'damaged' }), backup(2, 1)];
    expect(readyChain(backup(3, 2), byId(damaged))).toEqual({
      whole: false,
      why: 'team-01/web-01.1, which it builds on, is damaged',
    });
    expect(readyChain(backup(3, 2, { state: 'faulted' }), byId(all))).toEqual({ whole: false, why: 'it is faulted' });
  });

  it('is what builds on a backup, upon whatever lies between', () => {
    expect(numbers(buildingOn('bak_1', all)).sort()).toEqual([2, 3, 5]);
    expect(buildingOn('bak_4', all)).toEqual([]);
  });

  it('is over when it is long, or saves little', () => {
    const chain = (...sizes: readonly number[]): [Backup, ...Backup[]] => [
      backup(1, null),
      ...sizes.map((sizeBytes, at) => backup(at + 2, at + 1, { files: [{ path: '/b/x', sizeBytes, sha256: '' }] })),
    ];
    expect(chainIsOver(chain(), 7)).toBeNull();
    expect(chainIsOver(chain(10, 10), 3)).toMatch(/3 backups build on one another/);
    expect(chainIsOver(chain(10, 10), 4)).toBeNull();
    expect(chainIsOver(chain(10, 601), 7)).toMatch(/more than 60 %/);
    expect(chainIsOver(chain(601, 10), 7)).toBeNull();
    expect(chainIsOver(chain(), 1)).not.toBeNull();
  });
});
