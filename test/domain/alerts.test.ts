import { describe, expect, it } from 'vitest';
import { conditionText, parseCondition } from '../../src/domain/alerts/condition.ts';
import { type Standing, step } from '../../src/domain/alerts/evaluate.ts';
import { incidentFor, isExplained, mustEscalate, REOPEN_MS } from '../../src/domain/alerts/incident.ts';
import { DEFAULT_RULES, type Rule, rule, rulesFrom } from '../../src/domain/alerts/rule.ts';
import { type Silence, silenceOver } from '../../src/domain/alerts/silence.ts';
import { BotError } from '../../src/domain/error.ts';

const MINUTE = 60_000;
const CPU = rule({ name: 'cpu', when: parseCondition('host.cpu > 85'), forMs: 3 * MINUTE, critical: 95 });

/** The standings after each value, a minute apart. */
function run(values: readonly (number | null)[], by: Rule = CPU): (Standing | null)[] {
  const all: (Standing | null)[] = [];
  let standing: Standing | null = null;
  for (const [at, value] of values.entries()) {
    standing = step(by, standing, value, at * MINUTE);
    all.push(standing);
  }
  return all;
}
const states = (values: readonly (number | null)[], by: Rule = CPU): string[] =>
  run(values, by).map((each) => each?.state ?? '–');

describe('a rule', () => {
  it('fires when it has held for its time, and not before', () => {
    expect(states([50, 90, 90, 90, 90, 90])).toEqual(['–', 'pending', 'pending', 'pending', 'firing', 'firing']);
    expect(states([90, 90, 84, 90, 90])).toEqual(['pending', 'pending', '–', 'pending', 'pending']);
    expect(states([1], rule({ name: 'kvm', when: parseCondition('host.kvm_missing'), forMs: 0 }))).toEqual(['firing']);
  });

  it('is over only on the far side of its clear bound', () => {
    expect(states([90, 90, 90, 90, 84, 81, 80]).slice(3)).toEqual(['firing', 'firing', 'firing', 'clear']);
    const free = rule({ name: 'free', when: parseCondition('host.vg_free < 10GiB'), forMs: 0, clear: 20 * 1024 ** 3 });
    expect(
      states(
        [5, 15, 25].map((gib) => gib * 1024 ** 3),
        free,
      ),
    ).toEqual(['firing', 'firing', 'clear']);
  });

  it('stays where it is while nobody knows', () => {
    expect(states([90, null, null, 90, null]).slice(1)).toEqual(['pending', 'pending', 'firing', 'firing']);
    expect(states([null, null])).toEqual(['–', '–']);
  });

  it('turns critical beyond its second bound, and stays so until it is over', () => {
    expect(run([90, 90, 90, 90, 96, 90]).map((each) => each?.severity)).toEqual([
      ...['warning', 'warning', 'warning', 'warning'],
      ...['critical', 'critical'],
    ]);
  });

  it('flaps when it fires three times in an hour: then it is one alert until it has been quiet', () => {
    const flag = rule({ name: 'down', when: parseCondition('vm.down'), forMs: 0 });
    const flapping = states([1, 0, 1, 0, 1, 0, 0, 0, 1, 0, ...Array.from({ length: 16 }, () => 0)], flag);
    expect(flapping.slice(0, 4)).toEqual(['firing', 'clear', 'firing', 'clear']);
    expect(flapping.slice(4, 24).every((state) => state === 'firing')).toBe(true);
    expect(flapping.at(-1)).toBe('clear');
  });

  it('never fires without having held for its time, whatever comes', () => {
    // A small generator of its own, so that a failure comes again.
    let seed = 1;
    const next = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    for (let round = 0; round < 200; round += 1) {
      const values = Array.from({ length: 60 }, () => (next() < 0.1 ? null : Math.round(next() * 100)));
      const all = run(values);
      for (const [at, standing] of all.entries()) {
        if (standing?.state !== 'firing' || all[at - 1]?.state === 'firing') continue;
        const held = values.slice(0, at + 1).reverse();
        const broken = held.findIndex((value) => value !== null && value <= 85);
        expect(broken === -1 ? held.length : broken, `${round}: ${values.slice(0, at + 1)}`).toBeGreaterThan(3);
      }
      expect(all.every((each) => each === null || each.fires.length <= 10)).toBe(true);
    }
  });

  it('is not kept from firing by a clock that was set back', () => {
    const pending = step(CPU, null, 90, 1000 * MINUTE);
    const back = step(CPU, pending, 90, 0);
    expect(back?.since).toBe(0);
    expect(step(CPU, back, 90, 3 * MINUTE)?.state).toBe('firing');
  });
});

describe('conditions', () => {
  it('are read with their units, and written as they are typed', () => {
    for (const [typed, threshold] of [
      ['host.cpu > 85%', 85],
      ['host.skew > 2s', 2000],
      ['host.skew > 250ms', 250],
      ['host.vg_free < 10GiB', 10 * 1024 ** 3],
      ['fleet.hosts_down > 1', 1],
      ['vm.down', 1],
    ] as const)
      expect([typed, parseCondition(typed).threshold]).toEqual([typed, threshold]);
    for (const { when } of DEFAULT_RULES) expect(parseCondition(conditionText(when))).toEqual(when);
  });

  it('say what is expected', () => {
    const hint = (text: string): string => {
      try {
        parseCondition(text);
        return 'no fault';
      } catch (cause) {
        return cause instanceof BotError ? (cause.hint ?? '') : String(cause);
      }
    };
    expect(hint('host.cpuu > 5')).toMatch(/did you mean cpu/);
    expect(hint('hots.cpu > 5')).toMatch(/did you mean host/);
    expect(hint('host.cpu')).toMatch(/needs a bound, such as host.cpu > 85%/);
    expect(hint('vm.down > 1')).toMatch(/write it alone/);
    expect(hint('host.cpu > 120')).toMatch(/85%/);
    expect(hint('host.cpu >')).toMatch(/needs a bound|SUBJECT/);
    expect(hint('host.constructor > 1')).toMatch(/unknown/);
    for (const odd of ['', 'x', 'host', '>', 'host.cpu > 8 > 9', 'a'.repeat(10_000)])
      expect(hint(odd)).not.toBe('no fault');
  });
});

describe('the configuration’s rules', () => {
  it('change a default by its name, move what hangs on its bound, turn it off, or stand beside it', () => {
    const rules = rulesFrom([
      { name: 'host-disk', when: parseCondition('host.disk > 90') },
      { name: 'host-cpu', forMs: MINUTE },
      { name: 'vm-agent', enabled: false },
      { name: 'mine', when: parseCondition('team.vms > 90') },
    ]);
    const found = (name: string) => rules.find((each) => each.name === name);
    expect(found('host-disk')).toMatchObject({ clear: 85, critical: null, forMs: 5 * MINUTE });
    expect(found('host-cpu')).toMatchObject({ clear: 80, forMs: MINUTE });
    expect(found('vm-agent')).toBeUndefined();
    expect(found('mine')).toMatchObject({ title: 'Quota of VMs used', severity: 'warning' });
    expect(rulesFrom([])).toEqual(DEFAULT_RULES);
  });
});

describe('incidents', () => {
  const alert = {
    fingerprint: 'vm-down|vm:1',
    rule: 'vm-down',
    host: 'kvm-1',
    firedAt: 0,
    severity: 'critical',
    channel: 'team-01',
  } as const;
  const standing = { id: 'inc_1', rule: 'vm-down', channel: 'team-01', openedAt: 0, resolvedAt: null, members: [] };

  it('take what begins with them, by rule and channel, and what begins anew', () => {
    expect(incidentFor(alert, [standing], 4 * MINUTE)?.id).toBe('inc_1');
    expect(incidentFor(alert, [standing], 6 * MINUTE)).toBeNull();
    expect(incidentFor({ ...alert, channel: 'team-02' }, [standing], 0)).toBeNull();
    expect(incidentFor({ ...alert, rule: 'vm-cpu' }, [standing], 0)).toBeNull();
    const ended = { ...standing, resolvedAt: 0, members: [alert.fingerprint] };
    expect(incidentFor(alert, [ended], REOPEN_MS - 1)?.id).toBe('inc_1');
    expect(incidentFor(alert, [ended], REOPEN_MS)).toBeNull();
    expect(incidentFor({ ...alert, fingerprint: 'other' }, [ended], 1)).toBeNull();
  });

  it('are explained by another alert on the same host alone', () => {
    const others = [{ rule: 'host-memory', host: 'kvm-1' }];
    expect(isExplained(alert, ['host-memory'], others)).toBe(true);
    expect(isExplained({ host: 'kvm-2' }, ['host-memory'], others)).toBe(false);
    expect(isExplained({ host: null }, ['host-memory'], [{ rule: 'host-memory', host: null }])).toBe(false);
  });

  it('escalate once: critical, not acknowledged, not silenced, after their time', () => {
    const open = { severity: 'critical', openedAt: 0, resolvedAt: null, ackedAt: null, escalatedAt: null } as const;
    expect(mustEscalate(open, false, 15, 15)).toBe(true);
    expect(mustEscalate(open, false, 15, 14)).toBe(false);
    expect(mustEscalate(open, true, 15, 15)).toBe(false);
    expect(mustEscalate(open, false, null, 15)).toBe(false);
    for (const no of [{ severity: 'warning' as const }, { resolvedAt: 1 }, { ackedAt: 1 }, { escalatedAt: 1 }])
      expect(mustEscalate({ ...open, ...no }, false, 15, 99)).toBe(false);
  });

  it('are silenced by what they are about, for as long as the longest silence holds', () => {
    const silence = (scope: Silence['scope'], of: string, until: number): Silence => {
      return { id: `${scope}${until}`, scope, of, from: 0, until, reason: '', person: 'anna', maintenance: false };
    };
    const about = { rule: 'vm-down', kind: 'vm', id: 'vm_1', host: 'kvm-1', team: 'team-01', incident: 'inc_1' };
    for (const [scope, of] of [
      ['vm', 'vm_1'],
      ['host', 'kvm-1'],
      ['team', 'team-01'],
      ['rule', 'vm-down'],
      ['alert', 'inc_1'],
    ] as const) {
      expect(silenceOver([silence(scope, of, 10)], about, 5)?.scope).toBe(scope);
      expect(silenceOver([silence(scope, `${of}x`, 10)], about, 5)).toBeNull();
      expect(silenceOver([silence(scope, of, 10)], about, 10)).toBeNull();
    }
    expect(silenceOver([silence('vm', 'vm_1', 10), silence('host', 'kvm-1', 20)], about, 5)?.until).toBe(20);
  });
});
