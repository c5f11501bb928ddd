import { describe, expect, it } from 'vitest';
import { readSize } from '../../../src/infra/libvirt/size.ts';
import type { Ran } from '../../../src/operations/ports.ts';
import { recorded } from '../../kit/recorded.ts';

const MIB = 1024 ** 2;
const said = (stdout: string): Ran => ({ ...recorded('virsh-domstats-alpha'), stdout });
const stats = recorded('virsh-domstats-alpha');
const off = said(
  "Domain: 'web'\n  state.state=5\n  state.reason=0\n  balloon.current=131072\n  balloon.maximum=262144\n  vcpu.current=1\n  vcpu.maximum=3\n\n",
);
/** As `dumpxml --inactive` of libvirt 9 printed it. */
const definition = (more = '', vcpu = "placement='static' current='1'") =>
  said(
    `<domain type='kvm'>\n  <name>web</name>\n  <memory unit='KiB'>262144</memory>\n  <currentMemory unit='KiB'>131072</currentMemory>\n  <vcpu ${vcpu}>3</vcpu>\n${more}</domain>\n\n`,
  );
const KEPT = { vcpus: 1, maxVcpus: 3, memoryBytes: 128 * MIB, maxMemoryBytes: 256 * MIB };

describe('the size of a domain', () => {
  it('is read of the running one and of its definition', () => {
    const live = { vcpus: 1, maxVcpus: 1, memoryBytes: 128 * MIB, maxMemoryBytes: 128 * MIB };
    const free = { topology: false, numa: false, pinned: [], cpus: null };
    expect(readSize([stats, definition()])).toEqual({ state: 'running', live, kept: KEPT, ...free });
    expect(readSize([off, definition()])).toEqual({ state: 'shut off', live: null, kept: KEPT, ...free });
    const full = definition('', "placement='static'");
    expect(readSize([off, full])?.kept).toEqual({ ...KEPT, vcpus: 3 });
  });

  it('comes with what ties it down', () => {
    const tied = definition(
      "  <cputune>\n    <vcpupin vcpu='0' cpuset='0'/>\n    <vcpupin vcpu='2' cpuset='1'/>\n  </cputune>\n" +
        "  <cpu mode='host-passthrough'><topology sockets='3' cores='1' threads='1'/><numa><cell id='0'/></numa></cpu>\n",
      "placement='static' cpuset='0-3,^2,8' current='1'",
    );
    expect(readSize([off, tied])).toMatchObject({ topology: true, numa: true, pinned: [0, 2], cpus: [0, 1, 3, 8] });
  });

  it('is none where there is no such domain, and a fault where the host can’t be asked', () => {
    const missing = recorded('virsh-domstats-missing');
    expect(readSize([missing, missing])).toBeNull();
    expect(() => readSize([said('nothing'), definition()])).toThrow("can't be read");
    expect(() => readSize([{ ...stats, exit: 1, stderr: 'error: broken' }, definition()])).toThrow('broken');
  });
});
