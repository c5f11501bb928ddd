/** A real hypervisor of the lab, reached over SSH as the bot's user. */
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';
import { z } from 'zod';
import { LAB_LIMITS } from '../../lab/limits.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { poolDevice } from '../../src/infra/lvm/mapper.ts';
import { openFleet } from '../../src/infra/ssh/fleet.ts';
import type { ContractWorld, HostTrouble } from '../contract/world.ts';
import { realClock } from '../kit/real-clock.ts';

/** As much of the lab's `hostler.yaml` as it takes to reach a host. */
const LabConfig = z.object({
  host_defaults: z.object({
    user: z.string(),
    identity_files: z.tuple([z.string()]),
    vg: z.string(),
    pool: z.string(),
    directory: z.string(),
  }),
  hosts: z.array(z.object({ name: z.string(), address: z.string(), port: z.number(), host_keys: z.array(z.string()) })),
});

export interface LabWorld extends ContractWorld {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
}

/** The last host of the lab, or the one named in HOSTLER_LAB_HOST. */
export async function labWorld(): Promise<LabWorld> {
  const printed = execFileSync(process.execPath, ['dist/lab/main.js', 'config'], { encoding: 'utf8' });
  const { hosts, host_defaults: common } = LabConfig.parse(parse(printed));
  const wanted = process.env.HOSTLER_LAB_HOST;
  const host = hosts.findLast(({ name }) => wanted === undefined || name === wanted);
  if (host === undefined) throw new Error(`the lab has no host ${wanted}`);
  const { name, address, port } = host;
  const { user, vg, pool, directory } = common;
  const [keyFile] = common.identity_files;
  const reach = { name, address, port, user, hostKeys: host.host_keys, identityFiles: [keyFile], limits: LAB_LIMITS };
  const fleet = openFleet([reach], { clock: realClock });
  return {
    fleet,
    driver: makeDriver(),
    host: name,
    vg,
    pool,
    image: `${directory}/images/tiny.qcow2`,
    directory: `${directory}/seed`,
    osinfo: 'linux2022',
    network: 'default',
    pause: 500,
    trouble: async (kind, prefix) => {
      const root = (script: string): void => {
        execFileSync(process.execPath, ['dist/lab/main.js', 'ssh', name, '--', script], { stdio: 'ignore' });
      };
      const { make, mend } = troubles(vg, pool, prefix)[kind];
      root(make);
      return async () => root(mend);
    },
    close: fleet.close,
    address,
    port,
    user,
    keyFile,
  };
}

const SOCKETS = 'libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket';

/** What root types to break the host, and to mend it. */
function troubles(
  vg: string,
  pool: string,
  prefix: string,
): Record<HostTrouble, { readonly make: string; readonly mend: string }> {
  const metadata = `dmsetup message ${poolDevice({ vg, name: pool })}-tpool 0`;
  const full = `${prefix}-full`;
  const network = `<network><name>${prefix}-net</name><bridge name="vbr-drv"/><ip address="192.168.199.1" netmask="255.255.255.0"/></network>`;
  return {
    'libvirt-stopped': { make: `systemctl stop ${SOCKETS} libvirtd`, mend: `systemctl start ${SOCKETS}` },
    'sudo-refused': {
      make: 'mv /etc/sudoers.d/hostler /root/sudoers.hostler',
      mend: 'mv /root/sudoers.hostler /etc/sudoers.d/hostler',
    },
    'pool-full': {
      make: [
        `lvcreate -y -L 32M --errorwhenfull y -T ${vg}/${full}`,
        `lvcreate -y -V 64M -T ${vg}/${full} -n ${full}-a`,
        // It ends with the error that we want.
        `! dd if=/dev/zero of=/dev/${vg}/${full}-a bs=1M count=64 oflag=direct`,
      ].join(' && '),
      mend: `lvremove -y ${vg}/${full}`,
    },
    'metadata-held': { make: `${metadata} reserve_metadata_snap`, mend: `${metadata} release_metadata_snap` },
    'disk-written': {
      make: `dd if=/dev/urandom of=/dev/${vg}/${prefix}-guest bs=64k seek=$((RANDOM % 900)) count=3 conv=notrunc,fsync`,
      mend: 'true',
    },
    'network-down': {
      make: `echo '${network}' > /tmp/${prefix}.xml && virsh net-define /tmp/${prefix}.xml`,
      mend: `virsh net-undefine ${prefix}-net; rm -f /tmp/${prefix}.xml`,
    },
  };
}
