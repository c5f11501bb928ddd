/** The devices that Hostler itself decides on. All else in a domain is virt-install's knowledge of the OS and the host. */
import type { DiskSpec, DomainSpec } from '../../operations/driver.ts';
import { child, type Element, el, elements } from './xml.ts';

/** Decided by us, so taken out of the template first. */
const OURS = new Set(['disk', 'interface', 'graphics', 'memballoon']);
/** Windows of the guest's statistics, in seconds: with it, `domstats` tells used memory from cached. */
const BALLOON_PERIOD = 10;

/** The template's devices with this VM's disks, NICs, console and agent. */
export function fillDevices(template: Element, spec: Pick<DomainSpec, 'disks' | 'nics'>): Element {
  const kept = elements(template).filter((one) => !OURS.has(one.name) && !isSpice(one));
  const has = (test: (one: Element) => boolean): boolean => kept.some(test);
  return el(
    'devices',
    {},
    ...kept.filter((one) => one.name === 'emulator'),
    ...spec.disks.map(diskElement),
    ...spec.nics.map(nic),
    ...kept.filter((one) => one.name !== 'emulator'),
    ...(has((one) => one.name === 'console' || one.name === 'serial') ? [] : [el('console', { type: 'pty' })]),
    ...(has(isAgent) ? [] : [agent()]),
    el('graphics', { type: 'vnc', port: -1, autoport: 'yes', listen: '127.0.0.1' }),
    el('memballoon', { model: 'virtio' }, el('stats', { period: BALLOON_PERIOD })),
    ...(has((one) => one.name === 'rng') ? [] : [rng()]),
  );
}

/**
 * Direct I/O on block devices, so that the host's page cache doesn't hold a guest's data twice, and discards go down to the thin pool.
 * A CD-ROM is SATA, which every installer knows; all else is virtio, which cloud kernels have and AHCI they don't.
 */
export function diskElement({ target, path, source, device, readonly, format = 'raw', serial }: DiskSpec): Element {
  const written = device === 'disk' && !readonly;
  const tuned = {
    ...(source === 'block' ? { cache: 'none', io: 'native' } : {}),
    ...(written ? { discard: 'unmap' } : {}),
  };
  return el(
    'disk',
    { type: source, device },
    el('driver', { name: 'qemu', type: format, ...tuned }),
    el('source', source === 'block' ? { dev: path } : { file: path }),
    el('target', { dev: target, bus: device === 'cdrom' ? 'sata' : 'virtio' }),
    ...(readonly || device === 'cdrom' ? [el('readonly')] : []),
    ...(serial === undefined ? [] : [el('serial', {}, serial)]),
  );
}

function nic({ mac, source }: DomainSpec['nics'][number]): Element {
  const network = 'network' in source;
  return el(
    'interface',
    { type: network ? 'network' : 'bridge' },
    el('mac', { address: mac }),
    el('source', network ? { network: source.network } : { bridge: source.bridge }),
    el('model', { type: 'virtio' }),
  );
}

function agent(): Element {
  return el(
    'channel',
    { type: 'unix' },
    el('source', { mode: 'bind' }),
    el('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }),
  );
}

function rng(): Element {
  return el('rng', { model: 'virtio' }, el('backend', { model: 'random' }, '/dev/urandom'));
}

function isAgent(one: Element): boolean {
  return one.name === 'channel' && child(one, 'target')?.attributes.name === 'org.qemu.guest_agent.0';
}

/** What serves SPICE alone: we offer VNC on the loopback, and QEMU refuses SPICE's channels without it. */
function isSpice(one: Element): boolean {
  const type = one.attributes.type ?? '';
  return type.startsWith('spice') || (one.name === 'redirdev' && one.attributes.bus === 'usb');
}
