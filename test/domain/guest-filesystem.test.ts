import { describe, expect, it } from 'vitest';
import { type FilesystemSeen, fillingOf, fillingText, freshFilling } from '../../src/domain/guest-filesystem.ts';
import { GiB } from '../../src/domain/size.ts';

const root: FilesystemSeen = {
  mountpoint: '/',
  type: 'ext4',
  totalBytes: 10 * GiB,
  usedBytes: 8.3 * GiB,
  on: [{ device: '/dev/vda1', target: 'vda' }],
  name: 'vda1',
};
const data: FilesystemSeen = {
  ...root,
  mountpoint: '/srv',
  type: 'xfs',
  usedBytes: 9 * GiB,
  name: 'dm-0',
  on: [
    { device: '/dev/vdb1', target: 'vdb' },
    { device: '/dev/vdc', target: 'vdc' },
  ],
};
const disks = [{ target: 'vda' }, { target: 'vdb' }, { target: 'vdc' }];

describe('what can run full in a guest', () => {
  it('is told with the fullest first, on which disks, and how full', () => {
    expect(fillingOf([root, data], disks).map(fillingText)).toEqual([
      '/srv on vdb and vdc: 90 % of 10 GiB',
      '/ on vda: 83 % of 10 GiB',
    ]);
  });

  it('stands once where it is mounted twice, at the shortest place', () => {
    const again = { ...root, mountpoint: '/var/lib/docker' };
    for (const list of [
      [again, root],
      [root, again],
    ])
      expect(fillingOf(list, disks).map(({ mountpoint }) => mountpoint)).toEqual(['/']);
  });

  it('is no medium, nothing that lies on no disk of the VM, and nothing that an old agent does not size', () => {
    const medium = { ...root, type: 'iso9660', usedBytes: root.totalBytes };
    const loop = { ...root, type: 'ext4', on: [] };
    const seed = { ...root, on: [{ device: '/dev/vdz', target: 'vdz' }] };
    const old = { ...root, usedBytes: null };
    expect(fillingOf([medium, loop, seed, old], disks)).toEqual([]);
  });

  it('is not known any more an hour after it was told', () => {
    const at = Date.UTC(2026, 10, 27, 12);
    const known = { at, list: [root] };
    expect(freshFilling(known, disks, at + 45 * 60_000)).toHaveLength(1);
    expect(freshFilling(known, disks, at + 46 * 60_000)).toBeNull();
    expect(freshFilling(null, disks, at)).toBeNull();
  });
});
