import { randomUUID } from 'node:crypto';
import type { SimHost } from '../../../demo/fleet/host.ts';
import { mintLvmUuid, mintUuid } from '../../../demo/fleet/model/mint.ts';
import type { HostTrouble } from '../../contract/world.ts';

const MIB = 1024 ** 2;

/** Breaks a simulated host as `test/lab/lab-world.ts` breaks a real one. Answers how to mend it. */
export async function breakHost({ model }: SimHost, kind: HostTrouble, prefix: string): Promise<() => Promise<void>> {
  switch (kind) {
    case 'libvirt-stopped':
      model.libvirt.running = false;
      return async () => {
        model.libvirt.running = true;
      };
    case 'sudo-refused':
      model.sudo = 'refused';
      return async () => {
        model.sudo = 'rules';
      };
    case 'pool-full': {
      const like = model.volumes.find(({ kind: each }) => each === 'thin-pool');
      if (like === undefined) throw new Error('the simulated host has no pool');
      const name = `${prefix}-full`;
      const pool = { ...like, name, uuid: mintLvmUuid(model), sizeBytes: 32 * MIB, mappedBytes: 0 };
      const held = { sizeBytes: 64 * MIB, mappedBytes: 32 * MIB, ownBytes: 32 * MIB };
      const volume = {
        ...pool,
        ...held,
        name: `${name}-a`,
        uuid: mintLvmUuid(model),
        kind: 'thin' as const,
        pool: name,
      };
      model.volumes.push(pool, volume);
      return async () => {
        model.volumes = model.volumes.filter((it) => it !== pool && it !== volume);
      };
    }
    case 'metadata-held': {
      const pool = model.volumes.find(({ kind: each }) => each === 'thin-pool');
      if (pool !== undefined) pool.metadataHeld = true;
      return async () => {
        if (pool !== undefined) pool.metadataHeld = false;
      };
    }
    case 'disk-written': {
      const volume = model.volumes.find(({ name }) => name === `${prefix}-guest`);
      if (volume === undefined) throw new Error('no volume to write to');
      volume.content += ` + ${randomUUID()}`;
      return async () => {};
    }
    case 'network-down': {
      const name = `${prefix}-net`;
      const uuid = mintUuid(model);
      model.networks.push({ name, uuid, active: false, autostart: false, bridge: 'vbr-drv', prefix: '192.168.199' });
      return async () => {
        model.networks = model.networks.filter((it) => it.uuid !== uuid);
      };
    }
  }
}
