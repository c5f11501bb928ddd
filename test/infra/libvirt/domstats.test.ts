import { describe, expect, it } from 'vitest';
import { readDomstats } from '../../../src/infra/libvirt/domstats.ts';
import { parseDomstats } from '../../../src/infra/libvirt/parse.ts';
import { recorded } from '../../kit/recorded.ts';

/** The same by the other reader, which keeps every line as it stands. */
function slowly(text: string) {
  return parseDomstats(text).map(({ name, fields }) => {
    const number = (value: string | undefined) => (value === undefined ? null : Number(value));
    const sum = (pattern: RegExp) => {
      const values = Object.entries(fields).flatMap(([key, value]) => (pattern.test(key) ? [Number(value)] : []));
      return values.length === 0 ? null : values.reduce((all, each) => all + each, 0);
    };
    return {
      name,
      'state.state': number(fields['state.state']),
      'state.reason': number(fields['state.reason']),
      'cpu.time': number(fields['cpu.time']),
      'balloon.current': number(fields['balloon.current']),
      'balloon.maximum': number(fields['balloon.maximum']),
      'balloon.available': number(fields['balloon.available']),
      'balloon.usable': number(fields['balloon.usable']),
      'balloon.last-update': number(fields['balloon.last-update']),
      'vcpu.current': number(fields['vcpu.current']),
      'vcpu.maximum': number(fields['vcpu.maximum']),
      delay: sum(/^vcpu\.\d+\.delay$/),
      'rd.bytes': sum(/^block\.\d+\.rd\.bytes$/),
      'wr.bytes': sum(/^block\.\d+\.wr\.bytes$/),
      'rx.bytes': sum(/^net\.\d+\.rx\.bytes$/),
      'tx.bytes': sum(/^net\.\d+\.tx\.bytes$/),
    };
  });
}

describe('the statistics of all domains', () => {
  it.each(['watch-domstats', 'virsh-domstats-raw', 'look-virsh'])('are read from %s as line by line', (name) => {
    const { stdout } = recorded(name);
    const found = [...readDomstats(stdout).values()];
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(slowly(stdout));
  });

  it('are those of each domain, whatever its name and the end of the text', () => {
    const text =
      "Domain: 'it's a = b'\n  state.state=1\n  block.count=2\n  block.0.rd.bytes=3\n  block.1.rd.bytes=4\n  block.1.rd.bytes.max=9\n\nDomain: 'x'\n  cpu.time=12";
    const found = readDomstats(text);
    expect([...found.keys()]).toEqual(["it's a = b", 'x']);
    expect(found.get("it's a = b")).toMatchObject({ 'state.state': 1, 'rd.bytes': 7, 'wr.bytes': null });
    expect(found.get('x')?.['cpu.time']).toBe(12);
  });

  it('know nothing of what is no number, and of lines before the first domain', () => {
    const text =
      "  cpu.time=5\nDomain: 'x'\n  cpu.time=\n  cpu.time.more=3\n  vcpu.current=-1\n  vcpu.0.delay=no\n  vcpu.x.delay=4\n";
    expect(readDomstats(text).get('x')).toMatchObject({ 'cpu.time': null, 'vcpu.current': null, delay: null });
    expect([...readDomstats('')]).toEqual([]);
  });
});
