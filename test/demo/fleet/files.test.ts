import { beforeEach, describe, expect, it } from 'vitest';
import { makeSimHost, type SimHost } from '../../../demo/fleet/host.ts';
import { recorded } from './recorded.ts';

let host: SimHost;
beforeEach(() => {
  host = makeSimHost({ name: 'hv1' });
});

/** As the bot's user. */
const sh = (line: string, stdin?: string) =>
  host.sh(line.split(' '), { root: false, ...(stdin === undefined ? {} : { stdin }) });

describe('files and system tools, in the words of the lab', () => {
  it('says why it could not', () => {
    const cases: readonly (readonly [line: string, stderr: string])[] = [
      ['dd of=/nodir/x status=none', "dd: failed to open '/nodir/x': No such file or directory\n"],
      [
        'dd of=/var/lib/libvirt/images/x status=none',
        "dd: failed to open '/var/lib/libvirt/images/x': Permission denied\n",
      ],
      ['cat /nodir/x', 'cat: /nodir/x: No such file or directory\n'],
      ['rm -- /nodir/x', "rm: cannot remove '/nodir/x': No such file or directory\n"],
      ['mv -T -- /nodir/x /tmp/y', "mv: cannot stat '/nodir/x': No such file or directory\n"],
      ['stat -c %s -- /nodir/x', "stat: cannot statx '/nodir/x': No such file or directory\n"],
      ['sha256sum /nodir/x', 'sha256sum: /nodir/x: No such file or directory\n'],
      ['mkdir /nodir/x/y', "mkdir: cannot create directory '/nodir/x/y': No such file or directory\n"],
      [
        'qemu-img info --output=json -U -- /tmp',
        "qemu-img: Could not open '/tmp': 'file' driver requires '/tmp' to be a regular file\n",
      ],
      ['sudo -n lvs', 'sudo: a password is required\n'],
      ['systemctl --user stop none.service', 'Failed to stop none.service: Unit none.service not loaded.\n'],
      [
        'systemd-run --user --unit=u -- /bin/nosuch',
        'Failed to find executable /bin/nosuch: No such file or directory\n',
      ],
    ];
    for (const [line, stderr] of cases) expect({ line, ...sh(line) }).toMatchObject({ line, stderr, stdout: '' });
  });

  it('writes, moves and measures', () => {
    expect(sh('dd of=/tmp/a status=none', 'hello')).toEqual({ exit: 0, stdout: '', stderr: '' });
    expect(sh('mv -T -- /tmp/a /tmp/b').exit).toBe(0);
    expect(sh('stat -c %s -- /tmp/b').stdout).toBe('5\n');
    expect(sh('sha256sum /tmp/b').stdout).toBe(
      '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  /tmp/b\n',
    );
    expect(JSON.parse(sh('qemu-img info --output=json -U -- /tmp/b').stdout)).toMatchObject({
      format: 'raw',
      'virtual-size': 512,
    });
    expect([
      sh('test -e /tmp/b').exit,
      sh('test -e /tmp/a').exit,
      sh('test -c /dev/kvm').exit,
      sh('test -w /dev/kvm').exit,
    ]).toEqual([0, 1, 0, 1]);
    expect(sh('rm -f -- /tmp/b /tmp/a').exit).toBe(0);
    expect(host.unknown()).toEqual([]);
  });

  it('keeps a failed unit until it is cleared, and a done one while it is asked to', () => {
    host.model.unitMs = 0;
    sh('systemd-run --user --unit=u1 --property=RemainAfterExit=yes -- test -e /tmp');
    sh('systemd-run --user --unit=u2 --property=RemainAfterExit=yes -- test -e /nope');
    const show = (unit: string) =>
      sh(`systemctl --user show --property=LoadState,ActiveState,SubState,Result ${unit}.service`).stdout;
    expect(show('u1')).toBe('Result=success\nLoadState=loaded\nActiveState=active\nSubState=exited\n');
    expect(show('u2')).toBe('Result=exit-code\nLoadState=loaded\nActiveState=failed\nSubState=failed\n');
    expect(sh('systemctl --user stop u2.service').exit).toBe(0);
    expect(show('u2')).toContain('ActiveState=failed');
    sh('systemctl --user reset-failed u2.service');
    expect(show('u2')).toBe('Result=success\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n');
  });

  it('says what recordings say', () => {
    for (const name of ['uname', 'qemuimg-info-missing', 'df-missing']) {
      const { cmd, out, err, rc } = recorded(name);
      expect({ name, ...sh(cmd) }).toEqual({ name, exit: rc, stdout: out, stderr: err });
    }
  });
});
