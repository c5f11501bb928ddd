import type { SimHost } from '../../demo/fleet/host.ts';

interface Foreign {
  readonly name: string;
  /** Path of its disk; a thin volume of its own of 1 GiB where left out. */
  readonly disk?: string;
  readonly mac?: string;
  readonly on?: boolean;
  /** More of `<devices>`. */
  readonly devices?: string;
  /** More before `<devices>`. */
  readonly head?: string;
}

/** A domain on the host as somebody makes one by hand, without Hostler; its UUID. */
export function foreignDomain(
  host: SimHost,
  { name, mac, on = true, devices = '', head = '', ...rest }: Foreign,
): string {
  const disk = rest.disk ?? `/dev/cloudvg/${name}`;
  if (rest.disk === undefined)
    done(host, ['lvcreate', '-y', '-V', '1073741824b', '--thinpool', 'thinpool', '-n', name, 'cloudvg']);
  const type = disk.startsWith('/dev/') ? 'block' : 'file';
  const xml = `<domain type="kvm"><name>${name}</name>${head}
    <memory unit="MiB">512</memory><vcpu>2</vcpu><os><type arch="x86_64" machine="q35">hvm</type></os>
    <devices>
      <disk type="${type}" device="disk"><source ${type === 'block' ? 'dev' : 'file'}="${disk}"/><target dev="vda" bus="virtio"/></disk>
      <interface type="network">${mac === undefined ? '' : `<mac address="${mac}"/>`}<source network="default"/><model type="virtio"/></interface>
      ${devices}
    </devices></domain>`;
  done(host, ['virsh', 'define', '--file', '/dev/stdin'], xml);
  if (on) done(host, ['virsh', 'start', '--domain', name]);
  return host.domain(name).uuid;
}

function done(host: SimHost, argv: readonly string[], stdin?: string): void {
  const { exit, stderr } = host.sh(argv, stdin === undefined ? {} : { stdin });
  if (exit !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
}
