/** What of a domain's devices a snapshot of its volumes would hold, and what not. */
import type { DevicesSeen } from '../../operations/driver.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, refused } from '../answer.ts';
import { parseDomain } from '../libvirt/domain-xml.ts';
import { isNoDomain } from '../libvirt/virsh.ts';
import { child, elements } from '../libvirt/xml.ts';

export function readDevices(ran: readonly Ran[]): DevicesSeen | null {
  const answer = answerTo(ran);
  if (answer.exit !== 0) {
    if (isNoDomain(answer)) return null;
    throw refused('Reading the devices', answer);
  }
  const devices = child(parseDomain(answer.stdout), 'devices');
  if (devices === undefined) return { disks: [], passedThrough: 0 };
  return {
    disks: elements(devices, 'disk')
      .filter(({ attributes }) => attributes.device !== 'cdrom' && attributes.device !== 'floppy')
      .map((disk) => {
        const source = child(disk, 'source')?.attributes ?? {};
        return {
          target: child(disk, 'target')?.attributes.dev ?? '',
          source: source.dev ?? source.file ?? null,
          readonly: child(disk, 'readonly') !== undefined,
        };
      }),
    passedThrough: elements(devices, 'hostdev').length,
  };
}
