import { describe, expect, it } from 'vitest';
import { makeSimHost } from '../../../demo/fleet/host.ts';
import { recorded } from './recorded.ts';

const virsh = (host: ReturnType<typeof makeSimHost>, ...args: string[]) =>
  host.sh(['virsh', '-c', 'qemu:///system', ...args]);

function hostWith(xml: string) {
  const host = makeSimHost({ name: 'hv1' });
  host.model.bridges.push('br0');
  host.sh(['lvcreate', '-y', '-L', '2G', '-n', 'vm-alpha', 'cloudvg']);
  const defined = host.sh(['virsh', '-c', 'qemu:///system', 'define', '/dev/stdin'], { stdin: xml });
  expect(defined).toMatchObject({ exit: 0, stderr: '' });
  return host;
}

describe('definitions, held to what libvirt made of them', () => {
  it("writes out virt-install's XML as libvirt did", () => {
    const host = hostWith(recorded('virt-install-print-xml').out);
    expect(virsh(host, 'dumpxml', 'gamma').stdout).toBe(recorded('virsh-dumpxml-gamma').out);
  });

  it('leaves a definition that libvirt wrote as it is', () => {
    const { out } = recorded('virsh-dumpxml-inactive-alpha');
    expect(virsh(hostWith(out), 'dumpxml', '--inactive', 'alpha').stdout).toBe(out);
  });

  it('shows a running domain as libvirt did', () => {
    const host = hostWith(recorded('virsh-dumpxml-inactive-alpha').out);
    host.model.guestDefaults.agentMs = 0;
    host.domain('alpha').guest.agentMs = 0;
    expect(virsh(host, 'start', 'alpha')).toMatchObject({ exit: 0, stdout: "Domain 'alpha' started\n\n" });
    const plain = (text: string) => text.replace(/portid='[0-9a-f-]+'/, "portid='…'");
    expect(plain(virsh(host, 'dumpxml', 'alpha').stdout)).toBe(plain(recorded('virsh-dumpxml-alpha').out));
    expect(virsh(host, 'dumpxml', '--inactive', 'alpha').stdout).toBe(recorded('virsh-dumpxml-inactive-alpha').out);
  });
});
