import { describe, expect, it } from 'vitest';
import { commandLine, DEFAULT_LIMITS } from '../../../src/domain/command.ts';
import { makeDriver } from '../../../src/infra/driver.ts';
import { answered, recorded } from '../../kit/recorded.ts';

const { images, files } = makeDriver();

describe('inspect', () => {
  const { parse } = images.inspect('/x.qcow2');

  it('reads format and size, and null for no file', () => {
    expect(parse([recorded('qemuimg-info-U')])).toEqual({ format: 'qcow2', virtualBytes: 1073741824 });
    expect(parse([recorded('qemuimg-info-missing')])).toBeNull();
    expect(() => parse([recorded('qemuimg-info-locked')])).toThrow(/lock/);
    expect(() => parse([answered(0, '{')])).toThrow(/can't be read/);
  });

  it('refuses an image that draws on another file', () => {
    const [top] = JSON.parse(recorded('qemuimg-info-chain').stdout);
    expect(() => parse([answered(0, JSON.stringify(top))])).toThrow(/draws on \/var\/lib\/libvirt/);
    const data = { format: 'qcow2', 'virtual-size': 1, 'format-specific': { data: { 'data-file': '/etc/shadow' } } };
    expect(() => parse([answered(0, JSON.stringify(data))])).toThrow(/draws on \/etc\/shadow/);
  });
});

describe('pour', () => {
  it('runs as a unit, the sudo line inside being the very one that sudoers allows', () => {
    const volume = { vg: 'cloudvg', name: 'img-01' };
    const [command] = images.pour({ path: '/i/t.qcow2', format: 'qcow2', volume, unit: 'hostler-op_01' }).commands;
    expect(command && commandLine(command, DEFAULT_LIMITS)).toBe(
      'timeout -k 5 120 systemd-run --user --unit=hostler-op_01 --property=Type=exec --property=RemainAfterExit=yes -- ' +
        'sudo -n timeout -k 5 7200 qemu-img convert -n -O raw -f qcow2 /i/t.qcow2 /dev/cloudvg/img-01',
    );
  });

  it.each([
    ['systemctl-user-show-running', 'running'],
    ['systemctl-user-show-done', 'done'],
    ['systemctl-user-show-failed', 'failed'],
    ['systemctl-user-show-none', 'none'],
  ])('reads %s', (name, state) => {
    expect(images.pouring('u').parse([recorded(name)])).toBe(state);
  });

  it('says so when systemd cannot be asked', () => {
    expect(() => images.pouring('u').parse([answered(0, '')])).toThrow(/can't be read/);
    const { parse } = images.stopPouring('u');
    const none = recorded('systemctl-user-stop-none');
    expect(() => parse([none, recorded('systemctl-user-reset-none')])).not.toThrow();
    expect(() => parse([answered(1, '', 'Failed to connect to bus: No medium found'), none])).toThrow(/bus/);
  });
});

describe('downloads', () => {
  it('take an address for what it is, and a no for a no', () => {
    const { fetchText, fetch } = images;
    expect(fetchText('u').parse([recorded('curl-sums')])).toMatch(/^[0-9a-f]{128} {2}cloud\.qcow2\n$/);
    expect(() => fetchText('u').parse([recorded('curl-404')])).toThrow(/returned error: 404/);
    expect(() => fetchText('u').parse([recorded('curl-no-host')])).toThrow(/Could not resolve/);
    expect(() => fetchText('u').parse([recorded('curl-refused')])).toThrow(/Failed to connect/);
    expect(() => fetchText('u').parse([recorded('curl-too-large')])).toThrow(/Maximum file size/);
    const [command] = fetch({ url: 'https://v.example/a b?x=$(id)', path: '/i/x.download', unit: 'u' }).commands;
    expect(command && commandLine(command, DEFAULT_LIMITS)).toBe(
      'timeout -k 5 120 systemd-run --user --unit=u --property=Type=exec --property=RemainAfterExit=yes --property=Nice=10 -- ' +
        "timeout -k 5 7200 curl -fsSL --proto =http,https --proto-redir =https --retry 3 -o /i/x.download --url 'https://v.example/a b?x=$(id)'",
    );
  });

  it('tell why they failed', () => {
    const show = (state: string, exit: number) =>
      answered(0, `LoadState=loaded\nActiveState=${state}\nSubState=x\nExecMainStatus=${exit}\n`);
    const { parse } = images.fetching('u');
    expect(parse([recorded('systemctl-user-show-fetch-failed')])).toEqual({
      state: 'failed',
      why: 'its server does not take connections',
    });
    expect(parse([show('failed', 22)])).toEqual({ state: 'failed', why: expect.stringContaining('no such file') });
    expect(parse([show('failed', 99)])).toEqual({ state: 'failed', why: 'curl ended with 99' });
    expect(parse([show('active', 0)])).toEqual({ state: 'running', why: null });
  });

  it('are compared by what sha512sum wrote', () => {
    const { parse } = images.digestIn('/i/x.sum');
    expect(parse([answered(0, `${'a'.repeat(128)}  /i/x\n`)])).toBe('a'.repeat(128));
    expect(parse([answered(1, '', 'cat: /i/x.sum: No such file or directory')])).toBeNull();
    expect(() => parse([answered(0, 'nonsense\n')])).toThrow(/can't be read/);
  });
});

describe('what VMs are installed from', () => {
  it('reads the table of operating systems as it was recorded', () => {
    const found = images.variants().parse([recorded('osinfo-query-os-fields')]);
    expect(found).toHaveLength(790);
    expect(found[0]).toEqual({ id: 'almalinux8', name: 'AlmaLinux 8', version: '8', family: 'linux' });
    expect(found).toContainEqual(expect.objectContaining({ id: 'win10', family: 'winnt' }));
    expect(() => images.variants().parse([answered(0, '')])).toThrow(/can't be read/);
  });

  it('reads which ISO files there are', () => {
    const { parse } = images.isos('/i');
    expect(parse([recorded('find-isos')])).toEqual([
      { file: 'my own.iso', sizeBytes: 5 },
      { file: 'debian-12.iso', sizeBytes: 1000 },
    ]);
    expect(parse([recorded('find-missing')])).toEqual([]);
    expect(() => parse([answered(1, '', 'find: ‘/i/’: Permission denied')])).toThrow(/Permission denied/);
  });
});

describe('a thin pool', () => {
  it('tells whether it gives zeros', () => {
    const { parse } = makeDriver().volumes.zeroes({ vg: 'cloudvg', name: 'thinpool' });
    const pool = (attr: string) => answered(0, JSON.stringify({ report: [{ lv: [{ lv_name: 'p', lv_attr: attr }] }] }));
    expect(parse([recorded('lvm-lvs-pool-attr')])).toBe(true);
    expect(parse([pool('twi-aot---')])).toBe(false);
    expect(parse([recorded('lvm-lvs-after-snaps')])).toBe(true);
    expect(parse([answered(0, '{"report":[{"lv":[]}]}')])).toBe(false);
  });

  it('spares the zeros of an image only then', () => {
    const volume = { vg: 'cloudvg', name: 'img-01' };
    const [command] = images.pour({ path: '/i/t', format: 'raw', volume, unit: 'u', zeroed: true }).commands;
    expect(command?.argv.slice(0, 4)).toEqual(['qemu-img', 'convert', '-n', '--target-is-zero']);
  });
});

describe('files', () => {
  it('writes beside and renames; takes only absolute paths', () => {
    const { commands } = files.write('/var/lib/hostler/seed/a b', { base64: 'aGk=', label: 'seed' });
    expect(commands.map((one) => commandLine(one, DEFAULT_LIMITS))).toEqual([
      "timeout -k 5 30 dd 'of=/var/lib/hostler/seed/a b.part' status=none conv=fsync",
      "timeout -k 5 30 mv -T -- '/var/lib/hostler/seed/a b.part' '/var/lib/hostler/seed/a b'",
    ]);
    for (const path of ['x', '/a/../etc/passwd', '']) expect(() => files.remove(path)).toThrow(RangeError);
  });

  it('knows a file that is not there', () => {
    const { parse } = files.look('/x');
    expect(parse([answered(0, '12\n')])).toEqual({ sizeBytes: 12 });
    expect(parse([recorded('stat-missing')])).toBeNull();
    expect(() => parse([recorded('stat-denied')])).toThrow(/Permission denied/);
  });
});
