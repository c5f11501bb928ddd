import { describe, expect, it } from 'vitest';
import { fillTemplate, parseDomain, renameInXml } from '../../../src/infra/libvirt/domain-xml.ts';
import { readMarks } from '../../../src/infra/libvirt/metadata.ts';
import { buildXml, child, type Element, elements, parseXml, textOf } from '../../../src/infra/libvirt/xml.ts';
import type { DomainSpec } from '../../../src/operations/driver.ts';
import { recorded } from '../../kit/recorded.ts';

const TEMPLATE = recorded('virt-install-print-xml').stdout;
const SPEC: DomainSpec = {
  op: 'op_01',
  vm: 'vm_01',
  uuid: '7d5c1f6e-93a8-4c60-b5d5-0e2f6a3f9c11',
  domainName: 'blue-web',
  team: 'blue',
  name: 'web',
  vcpus: 2,
  memoryBytes: 512 * 1024 * 1024,
  disks: [
    { target: 'vda', path: '/dev/cloudvg/vm-01-d0', source: 'block', device: 'disk', readonly: false },
    { target: 'vdb', path: '/var/lib/hostler/seed/vm_01.img', source: 'file', device: 'disk', readonly: true },
    { target: 'sda', path: '/iso/a & b.iso', source: 'file', device: 'cdrom', readonly: true },
  ],
  nics: [
    { mac: '52:54:00:00:00:01', source: { network: 'default' } },
    { mac: '52:54:00:00:00:02', source: { bridge: 'br-vlan120' } },
  ],
  boot: ['cdrom', 'disk', 'network'],
};

function find(root: Element, ...path: readonly string[]): Element {
  const found = path.reduce<Element | undefined>((at, name) => at && child(at, name), root);
  if (found === undefined) throw new Error(`no ${path.join('/')}`);
  return found;
}

describe('fillTemplate', () => {
  const text = fillTemplate(TEMPLATE, SPEC);
  const domain = parseDomain(text);
  const devices = find(domain, 'devices');

  it('has the VM’s own identity, size and boot order, each once', () => {
    const one = (name: string) => elements(domain, name).map(textOf);
    expect(one('name')).toEqual(['blue-web']);
    expect(one('uuid')).toEqual([SPEC.uuid]);
    expect(one('title')).toEqual(['blue/web']);
    expect(one('memory')).toEqual(['524288']);
    expect(one('currentMemory')).toEqual(['524288']);
    expect(one('vcpu')).toEqual(['2']);
    expect(elements(find(domain, 'os'), 'boot').map(({ attributes }) => attributes.dev)).toEqual([
      'cdrom',
      'hd',
      'network',
    ]);
    expect(readMarks(domain)).toEqual({ op: 'op_01', vm: 'vm_01', team: 'blue', name: 'web' });
  });

  it('has room to grow where it is told so', () => {
    const roomy = parseDomain(fillTemplate(TEMPLATE, { ...SPEC, maxVcpus: 4, maxMemoryBytes: 1024 ** 3 }));
    expect([textOf(find(roomy, 'memory')), textOf(find(roomy, 'currentMemory'))]).toEqual(['1048576', '524288']);
    expect([textOf(find(roomy, 'vcpu')), find(roomy, 'vcpu').attributes]).toEqual(['4', { current: '2' }]);
  });

  it('keeps virt-install’s knowledge of OS and machine', () => {
    expect(text).toContain('http://libosinfo.org/linux/2022');
    expect(find(domain, 'os', 'type').attributes.machine).toBe('q35');
    expect(find(domain, 'cpu').attributes.mode).toBe('host-passthrough');
    expect(elements(devices, 'controller').length).toBeGreaterThan(10);
  });

  it('has the disks as told, and none of the template’s', () => {
    expect(text).not.toContain('tiny0');
    const [root, seed, iso] = elements(devices, 'disk');
    expect(buildXml(root ?? devices)).toBe(
      '<disk device="disk" type="block">\n' +
        '  <driver cache="none" discard="unmap" io="native" name="qemu" type="raw"/>\n' +
        '  <source dev="/dev/cloudvg/vm-01-d0"/>\n' +
        '  <target bus="virtio" dev="vda"/>\n' +
        '</disk>\n',
    );
    expect(seed && elements(seed).map(({ name }) => name)).toEqual(['driver', 'source', 'target', 'readonly']);
    expect(iso && find(iso, 'source').attributes.file).toBe('/iso/a & b.iso');
    expect(iso && find(iso, 'target').attributes).toEqual({ bus: 'sata', dev: 'sda' });
    expect(text).toContain('/iso/a &amp; b.iso');
  });

  it('has the NICs as told, VNC on the loopback, one agent, and balloon statistics', () => {
    expect(elements(devices, 'interface').map((nic) => find(nic, 'source').attributes)).toEqual([
      { network: 'default' },
      { bridge: 'br-vlan120' },
    ]);
    expect(elements(devices, 'graphics').map(({ attributes }) => attributes)).toEqual([
      { autoport: 'yes', listen: '127.0.0.1', port: '-1', type: 'vnc' },
    ]);
    expect(elements(devices, 'channel').length).toBe(1);
    expect(find(devices, 'memballoon', 'stats').attributes.period).toBe('10');
    expect(elements(devices, 'rng').length).toBe(1);
  });

  it('gives equal bytes for equal input, and drops a topology that no longer fits', () => {
    expect(fillTemplate(TEMPLATE, { ...SPEC })).toBe(text);
    const cpu = '<cpu mode="host-passthrough"><topology sockets="1" cores="4" threads="1"/></cpu>';
    const four = TEMPLATE.replace('<cpu mode="host-passthrough"/>', cpu);
    expect(fillTemplate(four, SPEC)).not.toContain('topology');
    expect(fillTemplate(four, { ...SPEC, vcpus: 4 })).toContain('topology');
  });

  it('adds agent, console and rng where a template has none, and takes SPICE out', () => {
    const bare =
      '<domain type="kvm"><name>x</name><os/><devices><graphics type="spice"/><channel type="spicevmc"/></devices></domain>';
    const filled = fillTemplate(bare, SPEC);
    expect(filled).toContain('org.qemu.guest_agent.0');
    expect(filled).toContain('<console type="pty"/>');
    expect(filled).toContain('<rng model="virtio">');
    expect(filled).not.toContain('spice');
  });

  it('escapes what people typed, and refuses what XML cannot hold', () => {
    const evil = "\"><script a='1'>&amp;]]>";
    const filled = parseDomain(fillTemplate(TEMPLATE, { ...SPEC, name: evil }));
    expect(readMarks(filled)?.name).toBe(evil);
    expect(() => fillTemplate(TEMPLATE, { ...SPEC, name: 'a\u0000' })).toThrow(RangeError);
  });

  it('refuses a template that is none', () => {
    for (const text of ['', 'ERROR', '<network/>', '<domain>', '<domain/><domain/>']) {
      expect(() => fillTemplate(text, SPEC)).toThrow(expect.objectContaining({ code: 'host_fault' }));
    }
  });
});

describe('renameInXml', () => {
  it('changes the names and nothing else', () => {
    const before = fillTemplate(TEMPLATE, SPEC);
    const after = renameInXml(before, { domainName: 'blue-api', team: 'blue', name: 'api' });
    expect(readMarks(parseDomain(after))).toEqual({ op: 'op_01', vm: 'vm_01', team: 'blue', name: 'api' });
    const back = renameInXml(after, { domainName: 'blue-web', team: 'blue', name: 'web' });
    expect(back).toBe(before);
  });

  it('leaves a real definition as it is, whitespace apart', () => {
    const real = recorded('virsh-dumpxml-alpha').stdout;
    const named = renameInXml(real, { domainName: 'alpha', team: 't', name: 'n' });
    const devices = (text: string) => elements(find(compact(parseXml(text)), 'devices'));
    expect(devices(named)).toEqual(devices(real));
  });
});

/** Without the whitespace between elements. */
function compact(element: Element): Element {
  const nested = elements(element);
  return nested.length === 0 ? element : { ...element, children: nested.map(compact) };
}

describe('xml', () => {
  it('reads entities by name and number, and comes back to the same tree', () => {
    const tree = parseXml('<a x="&#65;&quot;&#x3c;"><!-- no --><b>t &amp; &#xe4;</b><c/></a>');
    expect(tree).toMatchObject({ attributes: { x: 'A"<' } });
    expect(buildXml(tree)).toBe('<a x="A&quot;&lt;">\n  <b>t &amp; ä</b>\n  <c/>\n</a>\n');
    expect(() => parseXml('<a>&unknown;</a>')).toThrow(SyntaxError);
  });
});
