import { describe, expect, it } from 'vitest';
import { readDisks } from '../../../src/infra/libvirt/disks.ts';
import { mirrorVerbs } from '../../../src/infra/libvirt/mirrors.ts';
import { virshFor } from '../../../src/infra/libvirt/virsh.ts';
import { answered, recorded } from '../../kit/recorded.ts';

const mirrors = mirrorVerbs(virshFor('qemu:///system'));
const pair = { from: '/dev/cloudvg/a', to: '/dev/cloudvg/b' };
const { begin, giveUp, pivot, advance } = {
  begin: mirrors.begin('u', pair),
  giveUp: mirrors.giveUp('u', pair),
  pivot: mirrors.pivot('u', pair),
  advance: mirrors.advance('u', pair),
};
/** As a real host said it, libvirt 9.0. */
const said = (line: string) => answered(1, '\n', `error: ${line}\n`);
const OK = answered(0, '\n');
const STARTED = answered(0, 'Block Copy started\n');
const GONE = said("invalid argument: disk '/dev/cloudvg/a' not found in domain");
const NONE = said('invalid argument: disk vda does not have an active block job');
const ALREADY = said("block copy still active: disk 'vda' already in active block job");
const NOT_READY = said("block copy still active: disk 'vda' not ready for pivot yet");
const OFF = said('Requested operation is not valid: domain is not running');

describe('what virsh answers of mirrors', () => {
  it('that came too late, or a second time, is content', () => {
    for (const answer of [STARTED, ALREADY, GONE]) expect(() => begin.parse([answer])).not.toThrow();
    for (const answer of [OK, NONE, GONE, OFF]) expect(() => giveUp.parse([answer])).not.toThrow();
    for (const answer of [OK, NONE, GONE]) expect(() => pivot.parse([answer])).not.toThrow();
  });

  it('that are not ready, or of a domain that is off, is no success', () => {
    expect(() => begin.parse([OFF])).toThrow(/not running/);
    expect(() => begin.parse([said('Requested operation is not valid: domain is not transient')])).toThrow(/transient/);
    expect(() => pivot.parse([NOT_READY])).toThrow(/not ready for pivot/);
    expect(() => pivot.parse([OFF])).toThrow(/not running/);
  });

  it('goes on step by step', () => {
    for (const ran of [
      [NONE, STARTED],
      [NOT_READY, ALREADY],
      [OK, GONE],
      [GONE, GONE],
    ])
      expect(() => advance.parse(ran)).not.toThrow();
    expect(() => advance.parse([OFF, OFF])).toThrow(/not running/);
    expect(() => advance.parse([said('internal error: x'), STARTED])).toThrow(/internal error/);
  });

  it('shows them in the running domain', () => {
    const domain = recorded('virsh-dumpxml-alpha');
    const mirror = `<mirror type='block' job='copy' ready='yes'>
        <format type='raw'/>
        <source dev='/dev/cloudvg/b' index='2'/>
        <backingStore/>
      </mirror>`;
    const shown = (xml: string) => {
      const stdout = domain.stdout.replace('<backingStore/>', `<backingStore/>\n      ${xml}`);
      return readDisks([{ ...domain, stdout }, recorded('virsh-dumpxml-inactive-alpha')])?.live?.[0];
    };
    expect(shown(mirror)?.mirror).toEqual({ to: '/dev/cloudvg/b', ready: true });
    expect(shown(mirror)?.placed).not.toContain('cloudvg/b');
    expect(shown(mirror.replace(" ready='yes'", ''))?.mirror).toEqual({ to: '/dev/cloudvg/b', ready: false });
    expect(shown(mirror.replace("'yes'", "'pivot'"))?.mirror?.ready).toBe(false);
    expect(shown('')?.mirror).toBeNull();
  });
});
