import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { AlertSettings } from '../../src/domain/settings.ts';

const read = (lines: readonly string[]) =>
  readConfig(['people: [{ name: anna }]', 'alerts:', ...lines].join('\n'), '/etc/hostler', {});

function alerts(lines: readonly string[]): AlertSettings {
  const found = read(lines);
  if (!found.ok) throw new Error(JSON.stringify(found.faults));
  return found.config.settings.alerts;
}
/** The faults as `line path: message`. */
function faults(lines: readonly string[]): string[] {
  const found = read(lines);
  return found.ok ? [] : found.faults.map(({ line, path, message }) => `${line} ${path}: ${message}`);
}

describe('alerts in the configuration', () => {
  it('have defaults, and change them', () => {
    expect(alerts(['  escalate: { after: 5m, to: [anna] }'])).toMatchObject({
      escalateAfterMs: 300_000,
      escalateTo: ['anna'],
    });
    expect(alerts(['  escalate: { enabled: false }']).escalateAfterMs).toBeNull();
    const { rules } = alerts([
      '  rules:',
      '    - { name: host-clock, when: host.skew > 5s, clear: 1s, critical: 60s, for: 1m }',
      '    - { name: host-cpu, clear: 70%, critical: 97 }',
      '    - { name: low-vg, when: host.vg_free < 10GiB, clear: 20GiB, severity: critical }',
    ]);
    expect(rules.find(({ name }) => name === 'host-clock')).toMatchObject({
      when: { threshold: 5000 },
      clear: 1000,
      critical: 60_000,
      forMs: 60_000,
    });
    expect(rules.find(({ name }) => name === 'host-cpu')).toMatchObject({ clear: 70, critical: 97, forMs: 600_000 });
    expect(rules.find(({ name }) => name === 'low-vg')).toMatchObject({ clear: 20 * 1024 ** 3, severity: 'critical' });
  });

  it('say line, path and what is expected where a rule can’t be read', () => {
    const rule = (text: string) => faults(['  rules:', `    - { ${text} }`]);
    expect(rule('name: host-cpu, when: host.cpuu > 90')).toEqual([
      '4 alerts.rules[0].when: "host.cpuu > 90": "host.cpuu > 90" is no condition. host.cpuu is unknown: did you mean cpu?',
    ]);
    expect(rule('name: mine')).toEqual([
      expect.stringMatching(/^4 alerts\.rules\[0\]: mine is none of the rules .* vm-down/),
    ]);
    expect(rule('name: host-cpu, clear: 90')).toEqual([
      '4 alerts.rules[0].clear: 90: expected something on this side of the bound of when',
    ]);
    expect(rule('name: host-cpu, critical: 80')).toEqual([
      '4 alerts.rules[0].critical: 80: expected something beyond the bound of when',
    ]);
    expect(rule('name: host-cpu, clear: 2s')).toEqual([expect.stringMatching(/clear: "2s" is no share in per cent/)]);
    expect(rule('name: vm-down, clear: 1')).toEqual([expect.stringMatching(/a flag has none/)]);
    expect(rule('name: host-cpu, when: vm.cpu > 5')).toEqual([expect.stringMatching(/host-cpu is about hosts/)]);
    expect(rule('name: host-cpu, hosts: [kvm-9]')).toEqual([expect.stringMatching(/hosts\[0\]: no host "kvm-9"/)]);
    expect(rule('name: host-cpu, teams: [web]')).toEqual([expect.stringMatching(/teams\[0\]: no team "web"/)]);
    expect(rule('name: host-cpu, every: 5m')).toEqual([expect.stringMatching(/unknown key "every"/)]);
    expect(faults(['  escalate: { to: [ben] }'])).toEqual([expect.stringMatching(/to\[0\]: no person "ben"/)]);
    expect(faults(['  rules: [{ name: host-cpu, for: 1m }, { name: host-cpu, for: 2m }]'])).toEqual([
      expect.stringMatching(/is the name of two rules/),
    ]);
  });
});
