import { beforeEach, describe, expect, it } from 'vitest';
import { makeSimHost, type SimHost } from '../../../demo/fleet/host.ts';
import { findVolume } from '../../../demo/fleet/model/lvm.ts';
import { recorded } from './recorded.ts';

const GIB = 1024 ** 3;
let host: SimHost;

/** The words of a recorded line: it has single quotes at most. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((it) => it[1] ?? it[2] ?? '');
}

/** Runs the recorded command as root, and holds output, errors and exit code to the recording. */
function replay(name: string): void {
  const { cmd, out, err, rc } = recorded(name);
  const { exit, stdout, stderr } = host.sh(words(cmd));
  expect({ name, exit, stdout, stderr }).toEqual({ name, exit: rc, stdout: out, stderr: err });
}

function sh(line: string): void {
  expect(host.sh(words(line))).toMatchObject({ exit: 0 });
}

beforeEach(() => {
  host = makeSimHost({ name: 'hv1', vgBytes: 60 * GIB, poolBytes: 20 * GIB });
});

describe('LVM, held to recordings', () => {
  it('tells the group and the pool', () => {
    sh('lvcreate -V 2G -T cloudvg/thinpool -n tiny0');
    sh('lvcreate -V 2G -T cloudvg/thinpool -n vm-alpha');
    for (const name of ['lvm-vgs-json', 'lvm-vgs-json-opts', 'lvm-pvs-json', 'lvm-vgs-missing', 'lvm-lvs-missing'])
      replay(name);
    const used = { tiny0: 67_108_864, 'vm-alpha': 67_108_864 };
    for (const [name, bytes] of Object.entries(used)) {
      const volume = findVolume(host.model, 'cloudvg', name);
      if (volume) Object.assign(volume, { mappedBytes: bytes, ownBytes: bytes });
    }
    replay('lvm-lvs-missing-one-of-two');
  });

  it('extends a pool, its metadata first, which stays extended where the data finds no room', () => {
    sh('lvcreate -y --type thin-pool -L 64M -n guardian-pool cloudvg');
    replay('lvm-extend-pool-with-metadata');
    sh('lvremove -y cloudvg/guardian-pool');
    sh('lvcreate -y --type thin-pool -L 64M -n guardian-pool cloudvg');
    for (const name of ['lvm-extend-metadata', 'lvm-extend-metadata-again', 'lvm-extend-metadata-less']) replay(name);
    const refused = host.sh(words('lvextend -L 100G cloudvg/guardian-pool'));
    expect(refused).toMatchObject({ exit: 5, stderr: expect.stringContaining('Insufficient free space') });
    expect(findVolume(host.model, 'cloudvg', 'guardian-pool')).toMatchObject({
      sizeBytes: 64 * 1024 ** 2,
      metadataBytes: 100 * 1024 ** 2,
    });
  });

  it('creates thin and thick volumes, and refuses as it should', () => {
    sh('lvcreate -V 2G -T cloudvg/thinpool -n tiny0');
    sh('lvcreate -V 2G -T cloudvg/thinpool -n vm-alpha');
    for (const name of [
      'lvm-lvcreate-thin',
      'lvm-lvcreate-thin-yes-wipe',
      'lvm-lvcreate-name-exists',
      'lvm-lvcreate-bad-name',
      'lvm-lvcreate-bad-pool',
      'lvm-lvcreate-bad-vg',
      'lvm-lvcreate-reserved-name',
      'lvm-lvcreate-thin-zero',
      'lvm-lvcreate-thin-overprovision',
      'lvm-lvcreate-thin-overprovision2',
      'lvm-lvextend-nochange',
      'lvm-lvrename',
      'lvm-lvrename-exists',
      'lvm-lvrename-missing',
      'lvm-snapshot-missing-origin',
      'lvm-lvchange-tag-plain',
      'lvm-lvremove-missing',
      'lvm-lvremove-noninteractive-no-y',
      'lvm-lvremove-ok',
    ]) {
      replay(name);
    }
    expect(findVolume(host.model, 'cloudvg', 'd1')?.tags).toEqual(['team_blue']);
  });

  it('counts extents as LVM does', () => {
    sh('lvcreate -y -L 512M -n thick1 cloudvg');
    expect(recorded('lvm-lvcreate-vg-full').err).toContain('(10101 extents)');
    const { stderr } = host.sh(words('lvcreate -L 500G -n toobig cloudvg'));
    expect(stderr).toBe(recorded('lvm-lvcreate-vg-full').err);
    sh('lvextend -L 768M cloudvg/thick1');
    replay('lvm-lvextend-too-big');
  });

  it('fills pools, and refuses then', () => {
    for (const line of ['-n tiny0', '-n vm-alpha']) sh(`lvcreate -V 2G -T cloudvg/thinpool ${line}`);
    host.sh(words('lvcreate -V 100G -T cloudvg/thinpool -n over1'));
    host.sh(words('lvcreate -V 12G -T cloudvg/thinpool -n over2'));
    replay('lvm-smallpool-create');
    replay('lvm-smallpool-overprov');
    const volume = findVolume(host.model, 'cloudvg', 's1');
    if (volume) volume.ownBytes = 100 * 1024 ** 2;
    replay('lvm-create-in-full-pool');
    replay('lvm-snapshot-in-full-pool');
    replay('lvm-extend-pool');
    replay('lvm-remove-small');
  });

  it('makes snapshots: skipped at activation unless told otherwise', () => {
    sh('lvcreate -V 2G -T cloudvg/thinpool -n tiny0');
    host.sh(words('lvcreate -V 112G -T cloudvg/thinpool -n over1'));
    sh('lvcreate -V 1280M -T cloudvg/thinpool -n d1');
    sh('lvcreate -y -L 512M -n thick1 cloudvg');
    replay('lvm-snapshot-thick-nosize');
    expect(host.sh(words('lvcreate -s -n d1_snap1 cloudvg/d1')).exit).toBe(0);
    expect(host.sh(words('lvcreate -s -kn -n d1_snap2 cloudvg/d1')).exit).toBe(0);
    const { stdout } = host.sh(
      words(
        'lvs --reportformat json -o lv_name,lv_attr,origin,lv_skip_activation,lv_device_open cloudvg/d1_snap1 cloudvg/d1_snap2',
      ),
    );
    expect(JSON.parse(stdout).report[0].lv).toEqual([
      {
        lv_name: 'd1_snap1',
        lv_attr: 'Vwi---tz-k',
        origin: 'd1',
        lv_skip_activation: 'skip activation',
        lv_device_open: 'unknown',
      },
      { lv_name: 'd1_snap2', lv_attr: 'Vwi-a-tz--', origin: 'd1', lv_skip_activation: '', lv_device_open: '' },
    ]);
    replay('lvm-activate-snap-K');
    expect(findVolume(host.model, 'cloudvg', 'd1_snap1')?.active).toBe(true);
  });

  it('tells a plain user what it told one', () => {
    const asUser = (name: string) => {
      const { cmd, out, err, rc } = recorded(name);
      const { exit, stdout, stderr } = host.sh(words(cmd.replace(/^#.*\n/, '')), { root: false });
      expect({ name, exit, stdout, stderr }).toEqual({ name, exit: rc, stdout: out, stderr: err });
    };
    asUser('lvm-vgs-as-ops');
    asUser('lvm-lvcreate-as-ops');
    asUser('sudo-n-vgs-as-plain');
  });
});
