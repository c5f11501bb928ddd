import { describe, expect, it } from 'vitest';
import { diskVerbs, readCounters, readDisks } from '../../../src/infra/libvirt/disks.ts';
import { readFilesystems, readTrim } from '../../../src/infra/libvirt/filesystems.ts';
import { virshFor } from '../../../src/infra/libvirt/virsh.ts';
import { growable, growByHand } from '../../../src/operations/steps/filesystems.ts';
import { answered, recorded } from '../../kit/recorded.ts';

const disks = diskVerbs(virshFor('qemu:///system'));
const disk = { target: 'vdb', source: '/dev/cloudvg/vm-01-d1' };
const NOT_RUNNING = answered(1, '\n', 'error: Requested operation is not valid: domain is not running\n');

describe('the disks of a domain', () => {
  it('are read from what it runs with and from its definition', () => {
    const seen = readDisks([recorded('virsh-dumpxml-alpha'), recorded('virsh-dumpxml-inactive-alpha')]);
    const at = { target: 'vda', source: '/dev/cloudvg/vm-alpha', boot: true };
    expect(seen).toMatchObject({ live: [at], kept: [at] });
    expect(seen?.kept[0]?.xml).toBe(`<disk device="disk" type="block">
  <driver cache="none" discard="unmap" io="native" name="qemu" type="raw"/>
  <source dev="/dev/cloudvg/vm-alpha"/>
  <target bus="virtio" dev="vda"/>
</disk>
`);
    expect(readDisks([recorded('virsh-dumpxml-gamma'), recorded('virsh-dumpxml-gamma')])?.live).toBeNull();
    expect(readDisks([recorded('virsh-dumpxml-missing'), recorded('virsh-dumpxml-missing')])).toBeNull();
  });

  it('bear their settings and a serial, and keep them at another place', () => {
    const xml = disks.xmlOf({ ...disk, serial: 'hostler-d1' });
    expect(xml).toBe(`<disk device="disk" type="block">
  <driver cache="none" discard="unmap" io="native" name="qemu" type="raw"/>
  <source dev="/dev/cloudvg/vm-01-d1"/>
  <target bus="virtio" dev="vdb"/>
  <serial>hostler-d1</serial>
</disk>
`);
    expect(disks.moved(xml, 'vdd')).toBe(xml.replace('dev="vdb"', 'dev="vdd"'));
    expect(() => disks.moved('<disk', 'vdd')).toThrow(/can’t be read/);
    expect(() => disks.moved('<disk/>', 'vdd')).toThrow(/has no target/);
    expect(() => disks.moved('<interface/>', 'vdd')).toThrow(/another device’s/);
    expect(disks.moved(xml, 'vdb', 'hostler-d7')).toBe(xml.replace(/<serial>.*?</, '<serial>hostler-d7<'));
    expect(disks.behind(xml, '/dev/cloudvg/other')).toBe(
      xml.replace(/<source dev=".*?"/, '<source dev="/dev/cloudvg/other"'),
    );
    expect([disks.serialIn(xml), disks.serialIn('<disk/>')]).toEqual(['hostler-d1', null]);
  });

  it('are counted as domstats tells it; not of a domain that is off', () => {
    expect(readCounters([recorded('virsh-domstats-alpha')])).toEqual([
      {
        target: 'vda',
        readRequests: 844,
        readBytes: 25_434_112,
        readNs: 1_779_514_266,
        writeRequests: 0,
        writeBytes: 0,
        writeNs: 0,
        flushRequests: 0,
        flushNs: 0,
      },
    ]);
    const off = "Domain: 'x'\n  state.state=5\n  block.count=1\n  block.0.name=vda\n\n";
    expect(readCounters([answered(0, off)])).toBeNull();
    expect(readCounters([recorded('virsh-domstats-missing')])).toBeNull();
  });
});

describe('what virsh answers', () => {
  const attach = disks.attach('u', { ...disk, xml: '<disk/>' });
  const detach = disks.detach('u', disk);
  const ok = answered(0, 'done\n');
  const twice = recorded('virsh-attach-disk-dup-target');
  const exists = answered(1, '\n', 'error: Requested operation is not valid: target vdb already exists\n');
  const none = recorded('virsh-detach-disk-missing');

  it('to a disk that is there, or a domain that is off, is content', () => {
    for (const ran of [
      [ok, ok],
      [exists, twice],
      [ok, NOT_RUNNING],
    ])
      expect(() => attach.parse(ran)).not.toThrow();
    expect(() => attach.parse([ok, recorded('virsh-attach-disk-missing')])).toThrow(/Cannot access storage file/);
    expect(() => attach.parse([NOT_RUNNING, ok])).toThrow(/definition/);
  });

  it('to a disk that is gone, or on its way out, is content', () => {
    const asked = answered(
      1,
      '\n',
      "error: Failed to detach disk\nerror: internal error: unable to execute QEMU command 'device_del': Device virtio-disk1 is already in the process of unplug\n",
    );
    for (const ran of [
      [ok, ok],
      [none, none],
      [asked, none],
      [NOT_RUNNING, ok],
    ])
      expect(() => detach.parse(ran)).not.toThrow();
    expect(() => detach.parse([recorded('virsh-domblkinfo-bad'), ok])).toThrow(/running domain/);
  });

  it('of a guest that refuses is said plainly, with what to do', () => {
    const rejected = answered(1, '\n', 'error: operation failed: unplug of device was rejected by the guest\n');
    expect(() => detach.parse([rejected, ok])).toThrow('The guest refuses to let go of vdb');
  });
});

describe('the filesystems of a guest', () => {
  // As a real guest's agent told them, through `virsh guestinfo --filesystem`.
  const told = `fs.count            : 1
fs.0.name           : vda
fs.0.mountpoint     : /data
fs.0.fstype         : vfat
fs.0.total-bytes    : 100448256
fs.0.used-bytes     : 26034176
fs.0.disk.count     : 1
fs.0.disk.0.alias   : vda
fs.0.disk.0.device  : /dev/vda

`;
  const silent = answered(1, '\n', 'error: Guest agent is not responding: QEMU guest agent is not connected\n');
  const root = {
    mountpoint: '/',
    type: 'ext4',
    totalBytes: 2000,
    usedBytes: 1000,
    name: 'vda1',
    on: [{ device: '/dev/vda1', target: 'vda' }],
  };

  it('are read, and none where no agent answers', () => {
    expect(readFilesystems([answered(0, told)])).toEqual([
      {
        mountpoint: '/data',
        type: 'vfat',
        name: 'vda',
        totalBytes: 100_448_256,
        usedBytes: 26_034_176,
        on: [{ device: '/dev/vda', target: 'vda' }],
      },
    ]);
    expect(readFilesystems([answered(0, told.replace(/.*used-bytes.*\n/, ''))])?.[0]?.usedBytes).toBeNull();
    expect(readFilesystems([silent])).toBeNull();
    expect(readFilesystems([NOT_RUNNING])).toBeNull();
    expect(readFilesystems([recorded('virsh-guestinfo-filesystem-hung')])).toBeNull();
  });

  it('are read of several at once, without those that have nothing to say', () => {
    const { commands, parse } = disks.filesystemsOf(['a', 'b', 'c']);
    expect(commands.map(({ argv }) => argv.at(-1))[0]).toBe(
      'guest-agent-timeout --domain a --timeout 8; guestinfo --domain a --filesystem',
    );
    const [missing, hung, told] = ['missing', 'hung', 'timed'].map((it) =>
      recorded(`virsh-guestinfo-filesystem-${it}`),
    );
    if (missing === undefined || hung === undefined || told === undefined) throw new Error('three were recorded');
    const [root] = readFilesystems([recorded('virsh-guestinfo-filesystem')]) ?? [];
    expect(root).toEqual({
      mountpoint: '/',
      type: 'ext4',
      name: 'vda2',
      totalBytes: 919_229_440,
      usedBytes: 15_619_072,
      on: [{ device: '/dev/vda2', target: 'vda' }],
    });
    expect(parse([missing, hung, told])).toEqual(new Map([['c', [root]]]));
  });

  it('are grown where one lies plainly on its disk: the largest', () => {
    const boot = {
      ...root,
      mountpoint: '/boot',
      totalBytes: 500,
      name: 'vda2',
      on: [{ device: '/dev/vda2', target: 'vda' }],
    };
    expect(growable([boot, root], 'vda')).toEqual({
      mountpoint: '/',
      type: 'ext4',
      totalBytes: 2000,
      disk: '/dev/vda',
      partition: 1,
    });
    const whole = {
      ...root,
      type: 'xfs',
      mountpoint: '/srv',
      name: 'vdb',
      on: [{ device: '/dev/vdb', target: 'vdb' }],
    };
    const found = growable([root, whole], 'vdb');
    expect([found.partition, growByHand(found)]).toEqual([null, 'xfs_growfs /srv']);
    expect(growByHand(growable([root], 'vda'))).toBe('growpart /dev/vda 1 && resize2fs /dev/vda1');
    expect(() => growable([root], 'vdb')).toThrow('No filesystem on vdb is mounted');
    expect(() => growable([{ ...root, name: 'dm-0' }], 'vda')).toThrow('/ lies on dm-0');
    expect(() => growable([{ ...root, type: 'vfat' }], 'vda')).toThrow('No filesystem on vda');
  });

  it('are grown by a script of ours alone: what the guest calls them is never shell', () => {
    const odd = { mountpoint: "/srv/'; reboot; '", type: 'xfs', disk: '/dev/vda', partition: 1 };
    const [command] = disks.grow('u', odd).commands;
    const given: unknown = JSON.parse(command?.argv.at(-1) ?? '');
    expect(given).toMatchObject({
      execute: 'guest-exec',
      arguments: {
        path: '/bin/sh',
        arg: ['-c', expect.not.stringContaining('reboot'), 'hostler', '/dev/vda', '1', 'xfs', odd.mountpoint],
      },
    });
  });
});

describe('trimming a guest', () => {
  const trim = (exit: number, ...stderr: readonly string[]) =>
    readTrim([answered(exit, '\n', stderr.map((line) => `error: ${line}\n`).join(''))]);

  it('tells why one could not, and never throws for that', () => {
    expect(trim(0)).toEqual({ trimmed: true });
    const act = 'Unable to invoke fstrim';
    for (const [said, why] of [
      ['Guest agent is not responding: QEMU guest agent is not connected', 'its agent does not answer'],
      ['argument unsupported: QEMU guest agent is not configured', 'its agent does not answer'],
      ['Requested operation is not valid: domain is not running', 'it does not run'],
    ] as const)
      expect(trim(1, act, said)).toEqual({ trimmed: false, why });
    expect(trim(1, "failed to get domain 'x'")).toEqual({ trimmed: false, why: 'its host knows no such domain' });
    expect(trim(124)).toEqual({ trimmed: false, why: expect.stringContaining('time limit') });
  });
});
