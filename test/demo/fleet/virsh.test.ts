import { beforeEach, describe, expect, it } from 'vitest';
import { makeSimHost, type SimHost } from '../../../demo/fleet/host.ts';
import { readWords } from '../../../src/infra/ssh/words.ts';
import { recorded } from './recorded.ts';

let host: SimHost;

/** Runs the recorded command and holds it to the recording, less what `same` makes equal. */
function replay(name: string, same: (text: string) => string = (text) => text): void {
  const { cmd, out, err, rc } = recorded(name);
  const argv = readWords(cmd.trimEnd(), 0).words;
  const { exit, stdout, stderr } = host.sh(argv);
  expect({ name, exit, stdout: same(stdout), stderr }).toEqual({ name, exit: rc, stdout: same(out), stderr: err });
}

/** alpha and beta run, gamma is off, as on the host of the recordings. */
beforeEach(() => {
  host = makeSimHost({ name: 'hv1', guest: { leaseMs: 0, agentMs: 0, shutdownMs: 0 } });
  for (const name of ['vm-alpha', 'tiny0']) host.sh(['lvcreate', '-V', '2G', '-T', 'cloudvg/thinpool', '-n', name]);
  host.sh(['dd', 'of=/var/lib/libvirt/images/beta.qcow2'], { stdin: 'qcow2' });
  const beta = recorded('virsh-dumpxml-beta').out;
  for (const xml of [recorded('virsh-dumpxml-inactive-alpha').out, beta, recorded('virsh-dumpxml-gamma').out]) {
    const defined = host.sh(['virsh', 'define', '/dev/stdin'], { stdin: xml });
    expect(defined).toMatchObject({ exit: 0, stderr: '' });
  }
  for (const name of ['alpha', 'beta']) expect(host.sh(['virsh', 'start', name])).toMatchObject({ exit: 0 });
});

describe('virsh, held to recordings', () => {
  it('lists and shows', () => {
    for (const name of [
      'virsh-list-all',
      'virsh-list-all-name',
      'virsh-list-all-uuid-name',
      'virsh-list-all-title',
      'virsh-list-inactive-name',
      'virsh-domid-alpha',
      'virsh-domid-gamma',
      'virsh-domuuid-alpha',
      'virsh-domstate-reason-alpha',
      'virsh-dominfo-gamma',
      'virsh-vncdisplay-alpha',
      'virsh-domdisplay-alpha',
      'virsh-version',
      'virsh-V',
      'virsh-hostname',
      'virsh-uri',
      'virsh-domblklist-details-alpha',
      'virsh-domblklist-details-beta',
      'virsh-domblklist-details-gamma',
      'virsh-domiflist-alpha',
      'virsh-domiflist-beta',
      'virsh-domiflist-gamma',
      'virsh-agent-ping',
      'virsh-dumpxml-gamma',
    ]) {
      replay(name);
    }
    const noTimes = (text: string) => text.replace(/CPU time: .*\n/, '').replace(/Messages: .*\n/, '');
    replay('virsh-dominfo-beta', noTimes);
    replay('virsh-dominfo-alpha', noTimes);
  });

  it('changes sizes, and refuses to, as recorded', () => {
    for (const name of [
      'virsh-setmem-live',
      'virsh-setmem-config',
      'virsh-setmem-over-max',
      'virsh-setmaxmem-live',
      'virsh-setmaxmem-config',
      'virsh-setvcpus-live',
      'virsh-setvcpus-config',
      'virsh-setvcpus-over-max',
      'virsh-setvcpus-max-config',
      'virsh-setvcpus-shutoff-live',
    ]) {
      replay(name);
    }
    expect(host.domain('gamma').facts).toMatchObject({
      vcpus: 1,
      maxVcpus: 4,
      memoryKiB: 262_144,
      currentKiB: 131_072,
    });
    expect(host.domain('beta')).toMatchObject({ facts: { vcpus: 2 }, live: { facts: { vcpus: 3 } } });
  });

  it('says no in the same words', () => {
    for (const name of [
      'virsh-destroy-missing',
      'virsh-destroy-shutoff',
      'virsh-dominfo-missing',
      'virsh-domstate-missing',
      'virsh-domstats-missing',
      'virsh-dumpxml-missing',
      'virsh-start-missing',
      'virsh-start-already',
      'virsh-shutdown-shutoff',
      'virsh-suspend-shutoff',
      'virsh-resume-shutoff',
      'virsh-reboot-shutoff',
      'virsh-undefine-missing',
      'virsh-vncdisplay-shutoff',
      'virsh-domifaddr-shutoff',
      'virsh-domifaddr-agent-shutoff',
      'virsh-agent-ping-shutoff',
      'virsh-chain-missing',
      'virsh-unknown-command',
      'virsh-bad-option',
      'virsh-net-info-missing',
    ]) {
      replay(name);
    }
    expect(host.unknown()).toEqual([]);
  });

  it('says no in words seen on the lab', () => {
    const says = (...args: string[]) => host.sh(['virsh', '-c', 'qemu:///system', ...args]).stderr;
    const invalid = 'error: Requested operation is not valid:';
    expect(says('domrename', 'gamma', 'gamma')).toBe(`${invalid} Can't rename domain to itself\n`);
    expect(says('domrename', 'alpha', 'other')).toBe(`${invalid} cannot rename active domain\n`);
    expect(says('resume', 'alpha')).toBe(
      `error: Failed to resume domain 'alpha'\n${invalid} domain is already running\n`,
    );
    expect(says('metadata', 'gamma', '--uri', 'https://none')).toBe(
      'error: metadata not found: Requested metadata element is not present\n',
    );
    host.sh(['virsh', 'suspend', 'alpha']);
    expect(says('shutdown', 'alpha')).toBe(
      `error: Failed to shutdown domain 'alpha'\n${invalid} domain is not running\n`,
    );
    host.sh(['virsh', 'undefine', 'alpha']);
    expect(says('undefine', 'alpha')).toBe(
      `error: Failed to undefine domain 'alpha'\n${invalid} cannot undefine transient domain\n`,
    );
    expect(says('autostart', 'alpha')).toBe(
      `error: Failed to mark domain 'alpha' as autostarted\n${invalid} cannot set autostart for transient domain\n`,
    );
  });

  it('tells addresses in libvirt’s columns', () => {
    const anyAddress = (text: string) => text.replaceAll(/192\.168\.122\.\d+/g, '192.168.122.X');
    for (const name of [
      'virsh-domifaddr-lease-alpha',
      'virsh-domifaddr-agent-alpha',
      'virsh-domifaddr-arp-alpha',
      'virsh-domifaddr-lease-beta',
      'virsh-domifaddr-agent-beta',
    ]) {
      replay(name, anyAddress);
    }
    replay('virsh-net-dhcp-leases', (text) => text.split('\n')[0]?.replaceAll(/ +/g, ' ') ?? '');
  });

  it('changes states', () => {
    for (const name of [
      'virsh-suspend',
      'virsh-domstate-reason-paused',
      'virsh-suspend-already',
      'virsh-resume',
      'virsh-shutdown',
    ])
      replay(name);
    expect(host.domain('alpha')).toMatchObject({ state: 'shut off', reason: 'shutdown' });
    for (const name of [
      'virsh-destroy',
      'virsh-start',
      'virsh-autostart',
      'virsh-autostart-disable',
      'virsh-domrename',
      'virsh-domrename-back',
    ])
      replay(name);
    replay('virsh-undefine-running');
    expect(host.domain('beta')).toMatchObject({ persistent: false, state: 'running' });
    replay('virsh-destroy');
    expect(() => host.domain('beta')).toThrow(RangeError);
  });

  it('refuses XML that is broken, or whose UUID is taken', () => {
    const gamma = recorded('virsh-dumpxml-gamma').out;
    const dup = host.sh(['virsh', 'define', '/tmp/dup.xml'], { stdin: '' });
    expect(dup.exit).toBe(1);
    host.sh(['dd', 'of=/tmp/dup.xml'], { stdin: gamma.replace('<name>gamma', '<name>dup') });
    expect(host.sh(['virsh', 'define', '/tmp/dup.xml']).stderr).toBe(recorded('virsh-define-dup-uuid').err);
  });

  it('says of broken XML what libxml2 says', () => {
    const define = (text: string) => host.sh(['virsh', 'define', '--file', '/dev/stdin'], { stdin: text }).stderr;
    const failed = 'error: Failed to define domain from /dev/stdin\nerror:';
    const malformed = recorded('virsh-define-malformed').err.replace('/tmp/bad.xml', '/dev/stdin');
    expect(define('<domain type="kvm"><name>x\n')).toBe(malformed);
    expect(define('')).toBe(`${failed} (domain_definition):1: Document is empty\n(null)\n^\n`);
    expect(define('hello')).toBe(`${failed} (domain_definition):1: Start tag expected, '<' not found\nhello\n^\n`);
    expect(define('<domain type="kvm">\n<name>x</nam></domain>')).toBe(
      `${failed} (domain_definition):2: Opening and ending tag mismatch: name line 2 and nam\n<name>x</nam></domain>\n-------------^\n`,
    );
    expect(define('<network/>')).toBe(`${failed} XML error: expecting root element of 'domain', not 'network'\n`);
    expect(define('<domain><memory>1</memory></domain>')).toBe(`${failed} missing name information\n`);
    expect(define('<domain><name>q</name></domain>')).toBe(`${failed} XML error: an os <type> must be specified\n`);
  });

  it("can't start what lacks its disk or network", () => {
    const xml = recorded('virsh-dumpxml-gamma').out.replace(/ *<uuid>.*\n/, '');
    const define = (text: string) => host.sh(['virsh', 'define', '/dev/stdin'], { stdin: text });
    define(xml.replace('<name>gamma', '<name>delta').replace('cloudvg/tiny0', 'cloudvg/gone'));
    expect(host.sh(['virsh', 'start', 'delta']).stderr).toBe(recorded('virsh-start-gamma-missing-disk').err);
    define(xml.replace('<name>gamma', '<name>eps').replace("network='default'", "network='nonet'"));
    expect(host.sh(['virsh', 'start', 'eps']).stderr).toBe(recorded('virsh-start-net-down').err);
    const removed = recorded('virsh-undefine-storage');
    expect(host.sh(['virsh', 'undefine', 'eps', '--remove-all-storage'])).toMatchObject({
      exit: 0,
      stdout: removed.out,
      stderr: removed.err,
    });
  });

  it('can be stopped', () => {
    host.model.libvirt.running = false;
    for (const name of ['virsh-libvirtd-stopped', 'virsh-version-libvirtd-stopped']) replay(name);
  });
});
