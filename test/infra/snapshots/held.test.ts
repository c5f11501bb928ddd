/** The shell line that takes snapshots of a guest held meanwhile, run as it is: the programs in it write down what they were told. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { heldArguments, takeHeld } from '../../../src/infra/snapshots/held.ts';

const UUID = '6b1b36a2-bb4c-4d6e-9d21-0000000000aa';
const SCRIPT = takeHeld('qemu:///system', 'cloudvg');
const folder = mkdtempSync(join(tmpdir(), 'hostler-held-'));
const told = join(folder, 'told');
afterAll(() => rmSync(folder, { recursive: true }));

/** virsh with a command holds; one that is given none has connected, and reads what to do. */
const PROGRAMS = {
  virsh: `[ "$1 $2" = "-c qemu:///system" ] || exit 9
shift 2
[ "$LC_ALL" = C ] || exit 8
if [ $# -gt 0 ]; then echo "hold: $*" >>"$TOLD"; exit \${HOLD_EXIT:-0}; fi
[ -z "$RELEASE_DEAD" ] || exit 1
[ "$XDG_CACHE_HOME" = /dev/null ] || exit 7
while read -r line; do echo "release: $line" >>"$TOLD"; done`,
  lvcreate: `echo "lvcreate: $(printf '<%s>' "$@") $([ -e /proc/self/fd/3 ] && echo with more open)" >>"$TOLD"
[ "$LV_FAILS" != "$5" ] || exit 5`,
};
for (const [name, body] of Object.entries(PROGRAMS)) {
  writeFileSync(join(folder, name), `#!/bin/bash\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}

function take(args: readonly string[], env: Record<string, string> = {}) {
  rmSync(told, { force: true });
  const { status } = spawnSync('bash', ['-c', SCRIPT, 'hostler', ...args], {
    env: { ...process.env, LC_ALL: 'de_DE.UTF-8', PATH: `${folder}:${process.env.PATH}`, TOLD: told, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, told: existsSync(told) ? readFileSync(told, 'utf8').trimEnd().split('\n') : [] };
}

const held = (hold: 'freeze' | 'suspend' | 'both') =>
  heldArguments({
    hold,
    uuid: UUID,
    tags: ['hostler.op.a', 'hostler.vm.b'],
    disks: [
      { of: 'd0', volume: 's0' },
      { of: 'd1', volume: 's1' },
    ],
  });
const taken = (of: string, volume: string) =>
  `lvcreate: <-y><-kn><-s><-n><${volume}><--addtag><hostler.op.a><--addtag><hostler.vm.b><--><cloudvg/${of}> `;

describe('snapshots of a guest that is held', () => {
  it.each([
    ['freeze', `domfsfreeze --domain ${UUID}`, `domfsthaw --domain ${UUID}`],
    ['suspend', `suspend --domain ${UUID}`, `resume --domain ${UUID}`],
    [
      'both',
      `domfsfreeze --domain ${UUID}; suspend --domain ${UUID}`,
      `resume --domain ${UUID}; domfsthaw --domain ${UUID}`,
    ],
  ] as const)('%s: held, all disks, let go, and nothing else', (how, hold, release) => {
    expect(take(held(how))).toEqual({
      status: 0,
      told: [`hold: ${hold}`, taken('d0', 's0'), taken('d1', 's1'), `release: ${release}`],
    });
  });

  it('lets the guest go where one failed, and takes no other', () => {
    expect(take(held('freeze'), { LV_FAILS: 's0' })).toEqual({
      status: 5,
      told: [expect.stringMatching(/^hold/), taken('d0', 's0'), expect.stringMatching(/^release/)],
    });
    expect(take(held('freeze'), { LV_FAILS: 's1' })).toMatchObject({ status: 5, told: { length: 4 } });
  });

  it('takes them of a guest that could not be frozen, not of one that could not be stopped', () => {
    expect(take(held('freeze'), { HOLD_EXIT: '1' })).toMatchObject({ status: 0, told: { length: 4 } });
    expect(take(held('suspend'), { HOLD_EXIT: '1' })).toMatchObject({ status: 1, told: { length: 1 } });
  });

  it('takes them though the virsh that lets go has died: the next command lets go then', () => {
    expect(take(held('freeze'), { RELEASE_DEAD: '1' })).toMatchObject({ status: 0, told: { length: 3 } });
  });

  it.each([
    ['freeze', `${UUID}; shutdown ${UUID}`],
    ['freeze', `${UUID} --mountpoint /`],
    ['destroy', UUID],
  ])('does nothing of %s for %s', (how, uuid) => {
    expect(take([how, uuid, 'tag', 'd0', 's0'])).toEqual({ status: 64, told: [] });
  });

  it('takes no word for an option of lvcreate', () => {
    const [, line] = take(['freeze', UUID, '--config,a b', '--wipesignatures', '--errorwhenfull']).told;
    expect(line).toContain('<-n><--errorwhenfull><--addtag><--config><--addtag><a b><--><cloudvg/--wipesignatures> ');
  });
});
