import { expect, it } from 'vitest';
import { makeDriver } from '../../../src/infra/driver.ts';
import type { SnapshotSpec } from '../../../src/operations/driver.ts';

const SPEC: SnapshotSpec = {
  uuid: '6b1b36a2-bb4c-4d6e-9d21-0000000000aa',
  vg: 'cloudvg',
  snapshot: 'snap_01',
  marks: { op: 'op_01', vm: 'vm_01' },
  parent: null,
  hold: 'freeze',
  disks: [
    { of: 'vm-01-d0', volume: 'snap-01-d0' },
    { of: 'vm-01-d1', volume: 'snap-01-d1' },
  ],
};

it('says how to go on where the agent answers and has nothing to freeze, as a guest that runs from its memory', () => {
  const call = makeDriver().snapshots.take(SPEC);
  const answers: Readonly<Record<string, string>> = {
    ' domfsfreeze ': 'Froze 0 filesystem(s)\n',
    ' domfsthaw ': 'Thawed 0 filesystem(s)\n',
  };
  const ran = call.commands.map(({ argv }) => {
    const line = argv.join(' ');
    const stdout = Object.entries(answers).find(([word]) => line.includes(word))?.[1] ?? '';
    return { line, exit: 0, stdout, stderr: '', ms: 0 };
  });
  expect(() => call.parse(ran)).toThrow(
    expect.objectContaining({ code: 'wrong_state', hint: expect.stringContaining('--no-freeze') }),
  );
});
