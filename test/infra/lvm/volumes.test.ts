import { describe, expect, it } from 'vitest';
import { commandLine, DEFAULT_LIMITS } from '../../../src/domain/command.ts';
import { makeDriver } from '../../../src/infra/driver.ts';
import { readGroups, readVolumes } from '../../../src/infra/lvm/lvs.ts';
import type { HostCall } from '../../../src/operations/ports.ts';
import { answered, recorded } from '../../kit/recorded.ts';

const { volumes } = makeDriver();
const lines = (call: HostCall<unknown>): string[] => call.commands.map((one) => commandLine(one, DEFAULT_LIMITS));
const marks = { op: 'op_01', vm: 'vm_01' };
const MIB = 1024 * 1024;

describe('reading LVM’s reports', () => {
  it('reads volumes with tags, pools and origins', () => {
    const seen = readVolumes(recorded('lvm-lvs-tagged'));
    expect(seen.find(({ kind }) => kind === 'thin-pool')).toMatchObject({
      pool: null,
      dataPercent: expect.any(Number),
      metadataPercent: expect.any(Number),
    });
    expect(seen.find(({ name }) => name === 'drv-rec-a')).toEqual({
      vg: 'cloudvg',
      name: 'drv-rec-a',
      sizeBytes: 8 * MIB,
      kind: 'thin',
      pool: 'thinpool',
      origin: null,
      tags: ['hostler.op.op_01', 'hostler.vm.vm_01'],
      dataPercent: 0,
      metadataPercent: null,
      active: true,
      open: false,
    });
    expect(seen.find(({ name }) => name === 'drv-rec-b')).toMatchObject({
      origin: 'drv-rec-a',
      tags: ['hostler.vm.vm_01', 'hostler.x'],
      active: true,
    });
    expect(seen.find(({ name }) => name === 'drv-rec-s')).toMatchObject({ active: false, dataPercent: null });
    expect(seen.find(({ name }) => name === 'drv-rec-t')).toMatchObject({
      kind: 'thick',
      pool: null,
      dataPercent: null,
    });
  });

  it('looks at the exit code first: an error has an empty list on stdout', () => {
    expect(readVolumes(recorded('lvm-lvs-none-selected'))).toEqual([]);
    expect(() => readVolumes(recorded('lvm-lvs-missing'))).toThrow(/Failed to find logical volume/);
    expect(() => readGroups(recorded('lvm-vgs-missing'))).toThrow(/not found/);
    expect(() => readGroups(recorded('lvm-vgs-as-ops'))).toThrow(/Permission denied/);
  });

  it('reads groups, past warnings on stdout', () => {
    const { stdout } = recorded('lvm-vgs-json-opts');
    const [group] = readGroups(answered(0, `  WARNING: something {odd}\n${stdout}`));
    expect(group).toEqual({
      name: 'cloudvg',
      sizeBytes: 64420315136,
      freeBytes: 42903535616,
      extentBytes: 4 * MIB,
    });
    expect(() => readGroups(answered(0, 'nonsense'))).toThrow(/can't be read/);
    expect(() => readGroups(answered(0, '{"report":[{"vg":[{"vg_name":1}]}]}'))).toThrow(/can't be read/);
  });
});

describe('volume command lines', () => {
  const sudo = 'sudo -n timeout -k 5 120';
  const disk = { vg: 'cloudvg', name: 'vm-01-d0' };

  it('clones with marks, and extends only beyond the origin', () => {
    const clone = { ...disk, origin: 'img-tiny', originBytes: 100 * MIB, sizeBytes: 100 * MIB, marks };
    const create = `${sudo} lvcreate -y -kn -s -n vm-01-d0 --addtag hostler.op.op_01 --addtag hostler.vm.vm_01 cloudvg/img-tiny`;
    expect(lines(volumes.clone(clone))).toEqual([create]);
    expect(lines(volumes.clone({ ...clone, sizeBytes: 100 * MIB + 1 }))).toEqual([
      create,
      `${sudo} lvextend -L ${100 * MIB + 512}b cloudvg/vm-01-d0`,
    ]);
  });

  it('removes by name and tag, in one command', () => {
    expect(lines(volumes.removeMarked({ ...disk, tag: 'hostler.op.op_01' }))).toEqual([
      `${sudo} lvremove -y -S 'lv_name="vm-01-d0" && lv_tags={"hostler.op.op_01"}' cloudvg`,
    ]);
  });

  it('refuses names that would mean something else in a selection', () => {
    for (const name of ['', '-x', 'a"b', 'a b', 'a || lv_name=~".*']) {
      expect(() => volumes.removeMarked({ vg: 'cloudvg', name, tag: 't' })).toThrow(RangeError);
    }
    expect(() => volumes.byTag('cloudvg', 'a"}')).toThrow(RangeError);
    expect(() => volumes.extend({ ...disk, sizeBytes: -1 })).toThrow(RangeError);
  });

  it('takes a volume that is as large already for extended', () => {
    const { parse } = volumes.extend({ ...disk, sizeBytes: MIB });
    expect(() => parse([recorded('lvm-lvextend-nochange')])).not.toThrow();
    expect(() => parse([recorded('lvm-lvextend-too-big')])).toThrow(/[Ii]nsufficient/);
  });
});
