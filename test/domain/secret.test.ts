import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../src/domain/audit.ts';
import { secret } from '../../src/domain/secret.ts';
import { jsonLog } from '../../src/infra/log.ts';

const VALUE = 'xoxb-not-to-be-told';
const hidden = secret(VALUE);

it('tells its value only when asked for it', () => {
  expect(hidden.reveal()).toBe(VALUE);
});

it.each([
  ['a template', () => `${hidden}`],
  ['adding', () => `a${String(hidden)}`],
  ['JSON', () => JSON.stringify({ deep: [{ hidden }] })],
  ['canonical JSON, which the audit keeps', () => canonicalJson({ deep: [{ hidden }] })],
  ['inspect', () => inspect({ hidden }, { depth: 9, showHidden: true, getters: true, customInspect: true })],
  ['inspect without its own say', () => inspect({ hidden }, { depth: 9, showHidden: true, customInspect: false })],
  ['its keys', () => Object.entries(hidden).join()],
  ['an error’s message', () => inspect(new Error(`with ${hidden}`, { cause: { hidden } }))],
  ['a log line', () => logged({ hidden, deep: { hidden }, error: Object.assign(new Error('no'), { hidden }) })],
])('does not show in %s', (_, show) => {
  expect(show()).not.toContain(VALUE);
});

function logged(data: Record<string, unknown>): string {
  const lines: string[] = [];
  jsonLog('info', { write: (line) => void lines.push(line) }).info('look', data);
  expect(lines.join('')).toContain('[secret]');
  return lines.join('');
}
