import { makeDir, makeImage } from './files.ts';
import type { Guest, HostModel } from './host-model.ts';
import { mintLvmUuid, mintUuid } from './mint.ts';

const GIB = 1024 ** 3;
const EXTENT = 4 * 1024 ** 2;
const IMAGES_DIR = '/var/lib/hostler/images';
/** Where backups go. Each host has its own, until `shareBackups` makes one of them. */
export const BACKUP_DIR = '/srv/backup/hostler';

export interface HostOptions {
  readonly name: string;
  readonly cpus?: number;
  readonly memoryBytes?: number;
  /** Size of VG `cloudvg`, before LVM's own first extent. */
  readonly vgBytes?: number;
  /** Size of its thin pool `thinpool`; two thirds of the group where left out, as on the lab's hosts. */
  readonly poolBytes?: number;
  /** Image files, as NAME.qcow2 under `/var/lib/hostler/images`; `tiny` and `full` where left out. */
  readonly images?: readonly { readonly name: string; readonly virtualBytes: number; readonly sizeBytes: number }[];
  readonly guest?: Partial<Guest>;
  /** Now, on the host's clock; it has been up for an hour then. */
  readonly now: number;
}

const IMAGES = [
  { name: 'tiny', virtualBytes: 96 * 1024 ** 2, sizeBytes: 17_182_720 },
  { name: 'full', virtualBytes: 164 * 1024 ** 2, sizeBytes: 160 * 1024 ** 2 },
];

/** A healthy host without VMs: libvirt and KVM, VG `cloudvg` with `thinpool`, network `default`, bridge `br0`, two images. */
export function makeHostModel(options: HostOptions): HostModel {
  const { name, cpus = 8, memoryBytes = 32 * GIB, vgBytes = 60 * GIB, now } = options;
  const guest: Guest = { leaseMs: 5, agentMs: 10, shutdownMs: 5, ignoresShutdown: false, ...options.guest };
  const model: HostModel = {
    format: 2,
    name,
    kernel: '6.1.0-56-cloud-amd64',
    cpus,
    memoryBytes,
    diskBytes: 8_350_298_112,
    bootedAt: now - 3_600_000,
    load: 0.4,
    kvm: true,
    user: 'hostler',
    sudo: 'rules',
    libvirt: { running: true, nextId: 1, nextTap: 0 },
    serial: 0,
    domains: [],
    groups: [],
    volumes: [],
    networks: [],
    bridges: ['br0'],
    files: {},
    units: [],
    keyWaitMs: 60_000,
    guestDefaults: guest,
    unitMs: 5,
  };
  const extents = Math.floor(vgBytes / EXTENT) - 1;
  model.groups.push({ name: 'cloudvg', uuid: mintLvmUuid(model), device: '/dev/vdb', extentBytes: EXTENT, extents });
  model.volumes.push({
    vg: 'cloudvg',
    name: 'thinpool',
    uuid: mintLvmUuid(model),
    kind: 'thin-pool',
    sizeBytes: options.poolBytes ?? Math.floor((vgBytes * 2) / 3 / EXTENT) * EXTENT,
    pool: null,
    origin: null,
    tags: [],
    active: true,
    skipActivation: false,
    createdAt: model.bootedAt,
    mappedBytes: 0,
    ownBytes: 0,
    metadataPercent: 10.8,
    content: '',
    whenFull: 'queue',
  });
  model.networks.push({
    name: 'default',
    uuid: mintUuid(model),
    active: true,
    autostart: true,
    bridge: 'virbr0',
    prefix: '192.168.122',
  });
  for (const dir of [
    '/',
    '/tmp',
    '/var',
    '/var/lib',
    '/var/lib/libvirt',
    '/var/lib/libvirt/images',
    '/etc',
    '/dev',
    '/home',
    '/home/hostler',
    '/srv',
    '/srv/backup',
  ]) {
    makeDir(model, dir, dir === '/home/hostler' ? model.user : 'root', model.bootedAt);
  }
  for (const dir of ['/var/lib/hostler', IMAGES_DIR, '/var/lib/hostler/seed', BACKUP_DIR])
    makeDir(model, dir, model.user, model.bootedAt);
  for (const { name: image, virtualBytes, sizeBytes } of options.images ?? IMAGES) {
    makeImage(
      model,
      `${IMAGES_DIR}/${image}.qcow2`,
      { format: 'qcow2', virtualBytes, sizeBytes },
      model.user,
      model.bootedAt,
    );
  }
  return model;
}
