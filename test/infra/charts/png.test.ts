import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Chart } from '../../../src/domain/chart.ts';
import { chartPng } from '../../../src/infra/charts/png.ts';

const days = Array.from({ length: 120 }, (_, day) => new Date(Date.UTC(2026, 4, 1 + day)).toISOString().slice(0, 10));
const past = days.map((_, day) => (day < 90 ? 200 + day + 8 * Math.sin(day) : null));
const ahead = days.map((_, day) => (day >= 89 ? 200 + day : null));
const chart: Chart = {
  title: 'Memory promised to VMs, all hosts <&">',
  alt: 'Memory grows',
  unit: 'GiB',
  labels: days,
  series: [
    { name: 'Promised', values: past, look: 'line' },
    { name: 'Expected', values: ahead, look: 'forecast' },
    { name: 'Limit', values: days.map(() => 320), look: 'limit' },
  ],
  band: {
    name: '8 of 10 within',
    low: ahead.map((value) => (value === null ? null : value - 15)),
    high: ahead.map((value) => (value === null ? null : value + 20)),
  },
};
const bars: Chart = {
  title: 'vCPUs by team',
  alt: 'Bars',
  unit: 'vCPUs',
  labels: ['team-01', 'team-02', 'a-team-with-a-longer-name'],
  series: [
    { name: 'Promised', values: [12, 40, 3], look: 'bar' },
    { name: 'Used', values: [2.5, 31, null], look: 'bar' },
  ],
  band: null,
};

/** Width and height stand in a PNG's first chunk. */
const size = (png: Buffer): readonly number[] => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe('charts', () => {
  it.each([
    ['lines', chart],
    ['bars', bars],
    ['nothing', { ...chart, labels: [], series: [], band: null }],
  ])('are drawn as PNG: %s', async (name, what) => {
    const png = await chartPng(what);
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    expect(size(png)).toEqual([1440, 672]);
    expect(png.length).toBeLessThan(200_000);
    const look = process.env.LOOK_AT_CHARTS;
    if (look !== undefined) writeFileSync(`${look}/${name}.png`, png);
  });

  it('have their letters: a picture without the font would be smaller', async () => {
    const named = await chartPng({ ...bars, title: 'W'.repeat(40) });
    const unnamed = await chartPng({ ...bars, title: '' });
    expect(named.length).toBeGreaterThan(unnamed.length + 1000);
  });

  it('leave nothing that keeps a process alive', async () => {
    const module = new URL('../../../dist/src/infra/charts/png.js', import.meta.url).href;
    const script = `const { chartPng } = await import(${JSON.stringify(module)});
      console.log((await chartPng(${JSON.stringify(bars)})).length);`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
    expect(Number((await run).stdout)).toBeGreaterThan(1000);
  });
});
