import { describe, expect, it } from 'vitest';
import { BotError } from '../../../src/domain/error.ts';
import { cloneXml } from '../../../src/infra/libvirt/clone-xml.ts';
import { parseDomain } from '../../../src/infra/libvirt/domain-xml.ts';
import { readMarks } from '../../../src/infra/libvirt/metadata.ts';
import { child, type Element, elements, textOf } from '../../../src/infra/libvirt/xml.ts';

const XML = `<domain type='kvm'>
  <name>team-01-web-01</name>
  <uuid>11111111-1111-4111-8111-111111111111</uuid>
  <metadata>
    <hostler:vm xmlns:hostler="https://hostler.dev/xmlns/domain/1" id="vm_1" op="op_1"/>
    <other:note xmlns:other="urn:other">kept</other:note>
  </metadata>
  <memory unit='KiB'>262144</memory>
  <os firmware='efi'>
    <type arch='x86_64' machine='q35'>hvm</type>
    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>/var/lib/libvirt/qemu/nvram/team-01-web-01_VARS.fd</nvram>
  </os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='block' device='disk'>
      <driver name='qemu' type='raw' discard='unmap'/>
      <source dev='/dev/cloudvg/vm-1-d0'/>
      <backingStore/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='disk'>
      <source file='/var/lib/hostler/seed/vm_1.img'/>
      <target dev='vdz' bus='virtio'/>
      <readonly/>
    </disk>
    <disk type='file' device='disk'>
      <source file='/srv/tools.img'/>
      <target dev='vdt' bus='virtio'/>
      <readonly/>
    </disk>
    <disk type='file' device='cdrom'>
      <source file='/var/lib/hostler/images/debian.iso'/>
      <target dev='sda' bus='sata'/>
    </disk>
    <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/></interface>
    <interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br0'/></interface>
    <graphics type='vnc' port='-1' passwd='secret'/>
  </devices>
</domain>`;
const SPEC = {
  op: 'op_2',
  vm: 'vm_2',
  uuid: '22222222-2222-4222-8222-222222222222',
  domainName: 'team-01-web-02',
  team: 'team-01',
  name: 'web-02',
  mac: '52:54:00:00:00:99',
  disks: [{ target: 'vda', path: '/dev/othervg/vm-2-d0' }],
  seed: { target: 'vdz', path: '/var/lib/hostler/seed/vm_2.img' },
};
const devicesOf = (domain: Element) => child(domain, 'devices') ?? { name: '', attributes: {}, children: [] };
const disksOf = (domain: Element) =>
  elements(devicesOf(domain), 'disk').map((disk) => {
    const { dev, file } = child(disk, 'source')?.attributes ?? {};
    return `${child(disk, 'target')?.attributes.dev} ${disk.attributes.type} ${dev ?? file ?? 'empty'}`;
  });

describe('a definition made into another VM’s', () => {
  const domain = parseDomain(cloneXml(XML, SPEC));

  it('has the other’s names, ids and marks, and what else was in the metadata', () => {
    expect(textOf(child(domain, 'name'))).toBe('team-01-web-02');
    expect(textOf(child(domain, 'uuid'))).toBe(SPEC.uuid);
    expect(readMarks(domain)).toEqual({ op: 'op_2', vm: 'vm_2', team: 'team-01', name: 'web-02' });
    expect(cloneXml(XML, SPEC)).toContain('kept');
  });

  it('has the other’s disks and seed, an empty drive, and nothing of what was attached besides', () => {
    expect(disksOf(domain)).toEqual([
      'vda block /dev/othervg/vm-2-d0',
      'vdz file /var/lib/hostler/seed/vm_2.img',
      'sda file empty',
    ]);
    expect(disksOf(parseDomain(cloneXml(XML, { ...SPEC, seed: null })))).toHaveLength(2);
  });

  it('has the other’s address, and none of the old ones', () => {
    const nics = elements(devicesOf(domain), 'interface');
    expect(nics.map((nic) => child(nic, 'mac')?.attributes.address)).toEqual([SPEC.mac, undefined]);
    expect(nics.map((nic) => child(nic, 'source')?.attributes)).toEqual([{ network: 'default' }, { bridge: 'br0' }]);
  });

  it('is alone where it is told to be: one network for all its interfaces, and nothing of the host’s', () => {
    const attached = XML.replace(
      "<graphics type='vnc'",
      `<hostdev mode='subsystem' type='pci'><source/></hostdev>
    <filesystem type='mount'><source dir='/srv'/><target dir='srv'/></filesystem>
    <interface type='direct'><mac address='52:54:00:00:00:03'/><source dev='eth0'/><virtualport type='802.1Qbg'/><vlan><tag id='7'/></vlan><model type='virtio'/></interface>
    <graphics type='vnc'`,
    );
    const alone = parseDomain(cloneXml(attached, { ...SPEC, alone: { network: 'nowhere' } }));
    const nics = elements(devicesOf(alone), 'interface');
    expect(nics.map(({ attributes }) => attributes)).toEqual([
      { type: 'network' },
      { type: 'network' },
      { type: 'network' },
    ]);
    for (const nic of nics) expect(child(nic, 'source')?.attributes).toEqual({ network: 'nowhere' });
    expect(nics.map((nic) => elements(nic).map(({ name }) => name))).toEqual([
      ['mac', 'source'],
      ['source'],
      ['model', 'source'],
    ]);
    expect(elements(devicesOf(alone)).map(({ name }) => name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/hostdev|filesystem/)]),
    );
    const unplugged = parseDomain(cloneXml(attached, { ...SPEC, alone: { network: null } }));
    expect(elements(devicesOf(unplugged)).map(({ name }) => name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/interface|hostdev|filesystem/)]),
    );
    // A copy that is to serve keeps them.
    expect(elements(devicesOf(parseDomain(cloneXml(attached, SPEC))), 'hostdev')).toHaveLength(1);
  });

  it('takes no NVRAM along, and stays what it is otherwise', () => {
    const nvram = child(child(domain, 'os') ?? domain, 'nvram');
    expect([nvram?.attributes, textOf(nvram)]).toEqual([{ template: '/usr/share/OVMF/OVMF_VARS_4M.fd' }, '']);
    expect(child(domain, 'os')?.attributes).toEqual({ firmware: 'efi' });
    expect(textOf(child(domain, 'memory'))).toBe('262144');
    expect(cloneXml(XML, SPEC)).toBe(cloneXml(XML, SPEC));
  });

  it('is refused for what is no domain', () => {
    expect(() => cloneXml('<pool/>', SPEC)).toThrow(BotError);
  });
});
