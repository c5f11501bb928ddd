/** `virt-install --dry-run --print-xml`: a template as recorded (virt-install-print-xml). It makes nothing. */
import { mintUuid } from '../model/mint.ts';
import { element, printXml, type XmlNode } from '../model/xml.ts';
import { has, last, parseOptions } from './options.ts';
import { OS_IDS } from './os-names.ts';
import { fail, ok, type Tool, unknown } from './tool.ts';

const VALUES = [
  'connect',
  'name',
  'memory',
  'vcpus',
  'virt-type',
  'osinfo',
  'os-variant',
  'disk',
  'network',
  'graphics',
  'boot',
  'cpu',
  'print-xml',
  'machine',
  'console',
  'video',
  'sound',
  'check',
  'controller',
  'rng',
  'channel',
  'metadata',
  'features',
  'uuid',
];
const TABLE = {
  ...Object.fromEntries(VALUES.map((it) => [`--${it}`, 'value' as const])),
  ...Object.fromEntries(
    ['import', 'noautoconsole', 'dry-run', 'pxe', 'noreboot'].map((it) => [`--${it}`, 'flag' as const]),
  ),
};
export const virtInstall: Tool = (call) => {
  const parsed = parseOptions(call.args, TABLE);
  if (parsed.bad !== undefined)
    return unknown(`virt-install ${parsed.bad.option}`, 2, `ERROR    unrecognized arguments: ${parsed.bad.option}`);
  if (!has(parsed, '--dry-run') || last(parsed, '--print-xml') === undefined) {
    return unknown('virt-install without --dry-run --print-xml', 1, 'ERROR    The simulator makes templates only.');
  }
  if (!call.model.libvirt.running)
    return fail(1, "ERROR    Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory");
  const asked = last(parsed, '--osinfo') ?? last(parsed, '--os-variant') ?? '';
  const os = asked.replace(/^name=/, '');
  if (os === '') return fail(1, NO_OSINFO);
  const id = OS_IDS.get(os);
  if (id === undefined) {
    const where = asked === os ? '' : `Error: --os-variant ${asked}: `;
    return fail(1, `ERROR    ${where}Unknown OS name '${os}'. See \`--osinfo list\` for valid values.`);
  }
  const kib = Number(last(parsed, '--memory') ?? 0) * 1024;
  const uuid = mintUuid(call.model);
  return ok(
    `${printXml(template(last(parsed, '--name') ?? '', uuid, kib, last(parsed, '--vcpus') ?? '1', id), 0, '"')}\n`,
  );
};

function template(name: string, uuid: string, kib: number, vcpus: string, id: string): XmlNode {
  const osinfo = element(
    'libosinfo:libosinfo',
    { 'xmlns:libosinfo': 'http://libosinfo.org/xmlns/libvirt/domain/1.0' },
    [element('libosinfo:os', { id })],
  );
  return element('domain', { type: 'kvm' }, [
    element('name', {}, name),
    element('uuid', {}, uuid),
    element('metadata', {}, [osinfo]),
    element('memory', {}, String(kib)),
    element('currentMemory', {}, String(kib)),
    element('vcpu', {}, vcpus),
    element('os', {}, [element('type', { arch: 'x86_64', machine: 'q35' }, 'hvm'), element('boot', { dev: 'hd' })]),
    element('features', {}, [element('acpi'), element('apic')]),
    element('cpu', { mode: 'host-passthrough' }),
    element('clock', { offset: 'utc' }, [
      element('timer', { name: 'rtc', tickpolicy: 'catchup' }),
      element('timer', { name: 'pit', tickpolicy: 'delay' }),
      element('timer', { name: 'hpet', present: 'no' }),
    ]),
    element('pm', {}, [element('suspend-to-mem', { enabled: 'no' }), element('suspend-to-disk', { enabled: 'no' })]),
    element('devices', {}, DEVICES),
  ]);
}

const PORTS = Array.from({ length: 14 }, () => element('controller', { type: 'pci', model: 'pcie-root-port' }));
const DEVICES: readonly XmlNode[] = [
  element('emulator', {}, '/usr/bin/qemu-system-x86_64'),
  element('controller', { type: 'usb', model: 'qemu-xhci', ports: '15' }),
  element('controller', { type: 'pci', model: 'pcie-root' }),
  ...PORTS,
  element('console', { type: 'pty' }),
  element('channel', { type: 'unix' }, [
    element('source', { mode: 'bind' }),
    element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }),
  ]),
  element('input', { type: 'tablet', bus: 'usb' }),
  element('graphics', { type: 'vnc', port: '-1' }),
  element('video', {}, [element('model', { type: 'virtio' })]),
  element('memballoon', { model: 'virtio' }),
  element('rng', { model: 'virtio' }, [element('backend', { model: 'random' }, '/dev/urandom')]),
];

const NO_OSINFO = `ERROR    
--os-variant/--osinfo OS name is required, but no value was
set or detected.

This is now a fatal error. Specifying an OS name is required
for modern, performant, and secure virtual machine defaults.

You can see a full list of possible OS name values with:

   virt-install --osinfo list

If your Linux distro is not listed, try one of generic values
such as: linux2022, linux2020, linux2018, linux2016

If you just need to get the old behavior back, you can use:

  --osinfo detect=on,require=off

Or export VIRTINSTALL_OSINFO_DISABLE_REQUIRE=1

`;
