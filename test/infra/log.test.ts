import { expect, it } from 'vitest';
import { jsonLog } from '../../src/infra/log.ts';

function kept(level: string) {
  const lines: string[] = [];
  return { log: jsonLog(level, { write: (line) => void lines.push(line) }), lines };
}

it('writes one JSON object a line, whatever is in it', () => {
  const { log, lines } = kept('info');
  log.info('two\nlines "quoted" \u2028', { host: 'kvm-1\n', list: [1n, undefined, null], bytes: Buffer.from('xy') });
  log.error('odd', { self: selfish(), when: new Date(0) });
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line.indexOf('\n')).toBe(line.length - 1);
  const first: unknown = JSON.parse(lines[0] ?? '');
  expect(first).toMatchObject({
    level: 'info',
    msg: 'two\nlines "quoted" \u2028',
    host: 'kvm-1\n',
    bytes: '[2 bytes]',
  });
  expect(first).toHaveProperty('time', expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/));
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ when: '1970-01-01T00:00:00.000Z' });
});

it.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
  ['silent', []],
  ['no such level', ['info', 'warn', 'error']],
])('at level %s writes %j', (level, expected) => {
  const { log, lines } = kept(level);
  for (const at of ['debug', 'info', 'warn', 'error'] as const) log[at](at);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(expected);
});

it('masks what is named like a secret, at any depth and within errors', () => {
  const { log, lines } = kept('info');
  const error = Object.assign(new Error('refused', { cause: new Error('below') }), {
    code: 'E1',
    original: { config: { headers: { Authorization: 'Bearer hush' } }, botToken: 'hush' },
  });
  log.warn('a call failed', { error, token: 'hush', slack: { app_token: 'hush', team: 'T1' }, signingSecret: 'hush' });
  expect(lines.join('')).not.toContain('hush');
  expect(JSON.parse(lines.join(''))).toMatchObject({
    slack: { team: 'T1' },
    error: { name: 'Error', message: 'refused', code: 'E1', stack: expect.any(String), cause: { message: 'below' } },
  });
});

function selfish(): object {
  const it: { self?: unknown } = {};
  it.self = it;
  return it;
}
