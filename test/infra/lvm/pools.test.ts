import { describe, expect, it } from 'vitest';
import { commandLine, DEFAULT_LIMITS } from '../../../src/domain/command.ts';
import { makeDriver } from '../../../src/infra/driver.ts';
import { readPool } from '../../../src/infra/lvm/pools.ts';
import { answered, recorded } from '../../kit/recorded.ts';

const { pools } = makeDriver();
const POOL = { vg: 'cloudvg', name: 'thinpool' };
const row = (change: Readonly<Record<string, string>> = {}) => ({
  vg_name: 'cloudvg',
  lv_name: 'thinpool',
  lv_size: '42949672960',
  segtype: 'thin-pool',
  data_percent: '12.30',
  metadata_percent: '10.98',
  lv_metadata_size: '41943040',
  chunk_size: '65536',
  lv_when_full: 'queue',
  seg_monitor: 'monitored',
  ...change,
});
const report = (...rows: readonly unknown[]) => answered(0, JSON.stringify({ report: [{ lv: rows }] }));
const SETTINGS = recorded('lvm-lvmconfig-thin');
const GROUP = recorded('lvm-vgs-json-opts');

describe('thin pools', () => {
  it('are read with their group and LVM’s settings', () => {
    expect(readPool([recorded('lvm-lvs-pool'), GROUP, SETTINGS])).toEqual({
      ...POOL,
      sizeBytes: 42949672960,
      dataPercent: 0.23,
      metadataBytes: 41943040,
      metadataPercent: 10.57,
      chunkBytes: 65536,
      whenFull: 'queue',
      monitored: true,
      freeBytes: 42903535616,
      extentBytes: 4194304,
      autoextend: { threshold: 100, percent: 20 },
    });
  });

  it('of which something is not known', () => {
    const odd = row({ data_percent: '', lv_when_full: '', seg_monitor: 'not monitored' });
    expect(readPool([report(odd), GROUP, answered(5, '', 'Configuration node not found')])).toMatchObject({
      dataPercent: null,
      whenFull: null,
      monitored: false,
      autoextend: null,
    });
    expect(
      readPool([report(row()), GROUP, answered(0, 'thin_pool_autoextend_threshold=odd\n')])?.autoextend,
    ).toBeNull();
    expect(readPool([report(), GROUP, SETTINGS])).toBeNull();
    expect(readPool([report(row({ segtype: 'linear', lv_metadata_size: '' })), GROUP, SETTINGS])).toBeNull();
    expect(() => readPool([recorded('lvm-vgs-as-ops'), GROUP, SETTINGS])).toThrow(/Reading the thin pool/);
  });

  it('are extended to a size, and again', () => {
    const { parse } = pools.extendMetadata({ ...POOL, sizeBytes: 8388608 });
    for (const name of ['lvm-extend-metadata', 'lvm-extend-metadata-again', 'lvm-extend-metadata-less'])
      expect([name, parse([recorded(name)])]).toEqual([name, undefined]);
    expect(() => parse([recorded('lvm-extend-pool-too-far')])).toThrow(/Insufficient free space/);
  });

  it('are asked and extended by these commands', () => {
    const lines = [...pools.look(POOL).commands, ...pools.extendMetadata({ ...POOL, sizeBytes: 4194305 }).commands].map(
      (one) => commandLine(one, DEFAULT_LIMITS),
    );
    expect(lines).toEqual([
      expect.stringMatching(
        /lvs --reportformat json .*lv_metadata_size,chunk_size,lv_when_full,seg_monitor -S 'lv_name="thinpool"' cloudvg$/,
      ),
      expect.stringMatching(/vgs .* cloudvg$/),
      expect.stringMatching(
        /^[^s]*lvmconfig --type full activation\/monitoring activation\/thin_pool_autoextend_threshold activation\/thin_pool_autoextend_percent$/,
      ),
      expect.stringMatching(/^sudo -n .* lvextend --poolmetadatasize 4194816b cloudvg\/thinpool$/),
    ]);
  });
});
