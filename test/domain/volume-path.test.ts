import { expect, it } from 'vitest';
import { volumeAt } from '../../src/domain/volume-path.ts';

it.each([
  ['/dev/cloudvg/web', 'cloudvg/web'],
  ['/dev/cloudvg/vm-01-d0', 'cloudvg/vm-01-d0'],
  ['/dev/mapper/cloudvg-web', 'cloudvg/web'],
  ['/dev/mapper/cloudvg-vm--01--d0', 'cloudvg/vm-01-d0'],
  ['/dev/mapper/my--vg-web', 'my-vg/web'],
  ['/dev/mapper/mpatha', null],
  ['/dev/mapper/a-b-c', null],
  ['/dev/disk/by-id/x', null],
  ['/dev/sda', null],
  ['/var/lib/libvirt/images/a.qcow2', null],
  ['/dev/cloudvg/../sda', null],
])('%s is %s', (path, expected) => {
  const at = volumeAt(path);
  expect(at === null ? null : `${at.vg}/${at.volume}`).toBe(expected);
});
