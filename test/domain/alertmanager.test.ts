import { describe, expect, it } from 'vitest';
import { alertmanagerBody, labelFingerprint, readAlertmanager } from '../../src/domain/alerts/alertmanager.ts';

describe('a fingerprint', () => {
  it('is the one that Prometheus gives the same labels', () => {
    // From the tests of prometheus/common, model/signature_test.go.
    expect(BigInt(`0x${labelFingerprint({})}`)).toBe(14695981039346656037n);
    const labels = { name: 'garland, briggs', fear: 'love is not enough' };
    expect(BigInt(`0x${labelFingerprint(labels)}`)).toBe(5799056148416392346n);
  });
});

describe('a body', () => {
  const alert = { status: 'firing', labels: { alertname: 'Load' }, startsAt: '2026-11-24T05:04:00.123456789+01:00' };
  const body = { version: '4', status: 'firing', alerts: [alert] };

  it('is read, also with keys that we don’t know', () => {
    const read = readAlertmanager({
      ...body,
      orgId: 1,
      alerts: [{ ...alert, endsAt: '0001-01-01T00:00:00Z', more: 1 }],
    });
    expect(read).toMatchObject({
      ok: true,
      message: { truncatedAlerts: 0, alerts: [{ startsAt: Date.UTC(2026, 10, 24, 4, 4, 0, 123), annotations: {} }] },
    });
  });

  it.each([
    [null, 'the body: '],
    [[], 'the body: '],
    [{ ...body, version: '1' }, 'version: expected "4"'],
    [{ ...body, version: undefined }, 'version: expected "4"'],
    [{ ...body, alerts: {} }, 'alerts: '],
    [{ ...body, alerts: [{ ...alert, startsAt: 'yesterday' }] }, 'alerts[0].startsAt: expected an instant'],
    [{ ...body, alerts: [alert, { ...alert, labels: { a: 1 } }] }, 'alerts[1].labels.a: '],
    [{ ...body, alerts: [{ ...alert, status: 'pending' }] }, 'alerts[0].status: expected firing or resolved'],
    [{ ...body, alerts: Array.from({ length: 1001 }, () => alert) }, 'alerts: expected at most 1000'],
  ])('%j is refused, and it is said why', (given, why) => {
    const read = readAlertmanager(given);
    expect(read.ok ? 'taken' : read.faults.join('; ')).toContain(why);
  });

  it('of ours is one that we can read', () => {
    const made = alertmanagerBody('pager', { alertname: 'vm-down' }, [
      { fingerprint: 'a', labels: { alertname: 'vm-down', vm: 'x' }, annotations: {}, startsAt: 1000, endsAt: null },
      { fingerprint: 'b', labels: { alertname: 'vm-down', vm: 'y' }, annotations: {}, startsAt: 1000, endsAt: 2000 },
    ]);
    expect(made).toMatchObject({ status: 'firing', commonLabels: { alertname: 'vm-down' }, receiver: 'pager' });
    expect(readAlertmanager(JSON.parse(JSON.stringify(made)))).toMatchObject({
      ok: true,
      message: { alerts: [{ status: 'firing', startsAt: 1000 }, { status: 'resolved' }] },
    });
  });
});
