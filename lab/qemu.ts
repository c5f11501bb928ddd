// The QEMU command line of a lab host. A saved state fits only the machine that wrote it: what `machineArgs` returns is
// part of the state's content hash.
import { join } from 'node:path';

/** Memory and processors of a lab host; the data disk that becomes VG cloudvg. */
export const HOST_SIZE = { memoryMib: 2048, vcpus: 2, dataDisk: '60G' } as const;

const KERNEL_LINE = [
  'console=ttyS0 root=/dev/vda rw net.ifnames=0 quiet loglevel=4 mitigations=off apparmor=0 audit=0 nokaslr',
  // A host that panics (README, known trouble) comes back by itself, its guests shut off.
  'tsc=reliable random.trust_cpu=on systemd.show_status=0 panic=10',
].join(' ');

/**
 * The machine itself, alike for all hosts. No acceleration is asked for: under TCG, `-cpu max` emulates AMD's SVM with
 * nested pages, so the host has a real /dev/kvm inside (QEMU can't emulate VMX). Four-level page tables: with five, nested
 * guests hung and hosts panicked now and then.
 */
export function machineArgs(): string[] {
  return [
    ['-accel', 'tcg,thread=multi,tb-size=512'],
    ['-machine', 'q35,usb=off,vmport=off,hpet=off'],
    ['-cpu', 'max,la57=off', '-smp', String(HOST_SIZE.vcpus), '-m', String(HOST_SIZE.memoryMib)],
    ['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'none', '-rtc', 'base=utc'],
    ['-append', KERNEL_LINE],
    ['-device', 'virtio-blk-pci,drive=root,serial=root', '-device', 'virtio-blk-pci,drive=data,serial=data'],
    ['-device', 'virtio-rng-pci'],
  ].flat();
}

/** What differs from host to host. */
export type HostMachine = {
  readonly name: string;
  readonly number: number;
  /** The host's folder: disks, sockets, pid file and console log are in it. */
  readonly folder: string;
  /** The build's folder with `vmlinux` and `initrd`. */
  readonly image: string;
  readonly sshPort: number;
  readonly segment: { readonly localPort: number; readonly hubPort: number };
  /** File of a saved state to wake from; a cold boot without it. */
  readonly state?: string;
};

/** The MAC of a host's card on the lab segment. */
export const segmentMac = (number: number): string => `52:54:00:bb:00:${number.toString(16).padStart(2, '0')}`;

// In QEMU's option lists a comma inside a value is doubled.
const value = (text: string): string => text.replaceAll(',', ',,');

/** A path as one word for the shell that QEMU hands `exec:` to. */
export const shellWord = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;

/** The whole command line, after the program's name. */
export function qemuArgs(host: HostMachine): string[] {
  const file = (name: string) => join(host.folder, name);
  const drive = (id: string) =>
    `file=${value(file(`${id}.qcow2`))},if=none,id=${id},format=qcow2,cache=unsafe,discard=unmap`;
  const { localPort, hubPort } = host.segment;
  const segment = `local.type=inet,local.host=127.0.0.1,local.port=${localPort},remote.type=inet,remote.host=127.0.0.1,remote.port=${hubPort}`;
  return [
    ['-name', value(host.name), ...machineArgs()],
    ['-kernel', join(host.image, 'vmlinux'), '-initrd', join(host.image, 'initrd')],
    ['-drive', drive('root'), '-drive', drive('data')],
    ['-netdev', `user,id=management,hostfwd=tcp:127.0.0.1:${host.sshPort}-:22`],
    ['-device', 'virtio-net-pci,netdev=management,mac=52:54:00:aa:00:01'],
    // Not `-netdev socket,mcast=`: that loops a host's own frames back, and its bridge learns wrongly.
    ['-netdev', `dgram,id=segment,${segment}`],
    ['-device', `virtio-net-pci,netdev=segment,mac=${segmentMac(host.number)}`],
    ['-serial', `file:${file('console.log')}`, '-qmp', `unix:${value(file('qmp'))},server=on,wait=off`],
    ['-pidfile', file('pid'), '-daemonize'],
    host.state === undefined ? [] : ['-incoming', `exec:cat ${shellWord(host.state)}`],
  ].flat();
}
