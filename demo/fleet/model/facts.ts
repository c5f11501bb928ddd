/** Reads from a domain's XML what the model works with. */
import { devicesOf } from './domain-xml.ts';
import type { DomainFacts } from './host-model.ts';
import { child, type XmlNode } from './xml.ts';

export function factsOf(domain: XmlNode): DomainFacts {
  const vcpu = child(domain, 'vcpu');
  const max = Number(vcpu?.text ?? 1);
  return {
    vcpus: Number(vcpu?.attrs['current'] ?? max),
    maxVcpus: max,
    memoryKiB: Number(child(domain, 'memory')?.text ?? 0),
    currentKiB: Number(child(domain, 'currentMemory')?.text ?? 0),
    title: child(domain, 'title')?.text ?? '',
    disks: devicesOf(domain, 'disk').map((disk) => {
      const source = child(disk, 'source');
      return {
        target: child(disk, 'target')?.attrs['dev'] ?? '',
        source: source?.attrs['dev'] ?? source?.attrs['file'] ?? null,
        type: disk.attrs['type'] === 'block' ? 'block' : 'file',
        device: disk.attrs['device'] ?? 'disk',
        readonly: child(disk, 'readonly') !== undefined,
      };
    }),
    nics: devicesOf(domain, 'interface').map((nic) => {
      const source = child(nic, 'source');
      return {
        mac: child(nic, 'mac')?.attrs['address'] ?? '',
        type: nic.attrs['type'] ?? 'network',
        source: source?.attrs['network'] ?? source?.attrs['bridge'] ?? '',
        model: child(nic, 'model')?.attrs['type'] ?? 'rtl8139',
      };
    }),
    vnc: devicesOf(domain, 'graphics').some((it) => it.attrs['type'] === 'vnc'),
    agentChannel: devicesOf(domain, 'channel').some(
      (it) => child(it, 'target')?.attrs['name'] === 'org.qemu.guest_agent.0',
    ),
    nvram: child(child(domain, 'os'), 'nvram')?.text ?? null,
    tpm: devicesOf(domain, 'tpm').length > 0,
  };
}
