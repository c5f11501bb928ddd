import { describe, expect, it } from 'vitest';
import { makeDriver } from '../../../src/infra/driver.ts';
import type { SnapshotSpec } from '../../../src/operations/driver.ts';

const SPEC: SnapshotSpec = {
  uuid: '6b1b36a2-bb4c-4d6e-9d21-0000000000aa',
  vg: 'cloudvg',
  snapshot: 'snap_01',
  marks: { op: 'op_01', vm: 'vm_01' },
  parent: null,
  hold: 'both',
  disks: [
    { of: 'vm-01-d0', volume: 'snap-01-d0' },
    { of: 'vm-01-d1', volume: 'snap-01-d1' },
  ],
};

/** What came of a snapshot of two disks, whose host answered so. */
function outcome(held: string, letGo: string) {
  const call = makeDriver().snapshots.take(SPEC);
  const ran = call.commands.map(({ argv }) => {
    const line = argv.join(' ');
    const stdout = argv[0] === 'bash' ? `${held}  Logical volume "snap-01-d0" created.\n${letGo}` : '';
    return { line, exit: 0, stdout, stderr: '', ms: 0 };
  });
  return call.parse(ran);
}

describe('several disks of a guest whose agent answers', () => {
  const [suspended, resumed] = ["Domain 'web' suspended\n", "Domain 'web' resumed\n"];

  it('are of its frozen file systems, where it froze them', () => {
    const frozen = outcome(`Froze 1 filesystem(s)\n${suspended}`, `${resumed}Thawed 1 filesystem(s)\n`);
    expect(frozen).toEqual({ frozen: true });
    // It thawed meanwhile by itself.
    expect(outcome(`Froze 1 filesystem(s)\n${suspended}`, resumed)).toEqual({ frozen: false });
  });

  it('are of one point still where it had nothing to freeze, as a guest that runs from its memory, or hung', () => {
    const none = outcome(`Froze 0 filesystem(s)\n${suspended}`, `${resumed}Thawed 0 filesystem(s)\n`);
    expect(none).toEqual({ frozen: false });
    expect(outcome(suspended, resumed)).toEqual({ frozen: false });
  });

  it('are refused where it was held by neither', () => {
    expect(() => outcome('Froze 0 filesystem(s)\n', '')).toThrow('Holding the guest');
  });
});
