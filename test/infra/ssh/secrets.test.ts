import { expect, it } from 'vitest';
import { type Command, commandText } from '../../../src/domain/command.ts';
import { BotError } from '../../../src/domain/error.ts';
import { renderScript } from '../../../src/infra/ssh/script.ts';
import { withSecrets } from '../../../src/infra/ssh/secrets.ts';
import type { Fleet, HostCall } from '../../../src/operations/ports.ts';

const READS: Command = {
  argv: ['cat'],
  limit: 'quick',
  stdin: { kind: 'secret', name: 'backup-identity', label: 'the key' },
};
const CALL: HostCall<null> = { title: 'Tell the key', commands: [READS], parse: () => null };
const LIMITS = { quick: 1, normal: 1, slow: 1, long: 1 };

function fleet(seen: Command[]): Fleet {
  return {
    run: async (_host, call) => {
      seen.push(...call.commands);
      return { outcome: 'done', value: call.parse([]), ran: [] };
    },
    runInTurn: async (_host, calls) => {
      for (const { commands } of calls) seen.push(...commands);
      return calls.map((call) => ({ outcome: 'done', value: call.parse([]), ran: [] }));
    },
    line: () => '',
    hosts: () => ['kvm-1'],
  };
}

it('puts the secret in on the way to the host, and nowhere before', async () => {
  const seen: Command[] = [];
  await withSecrets(fleet(seen), (name) => `${name}: hunter2`).run('kvm-1', CALL);
  const told = { ...READS, stdin: { kind: 'text', text: 'backup-identity: hunter2', label: 'the key' } };
  expect(seen).toEqual([told]);
  await withSecrets(fleet(seen), (name) => `${name}: hunter2`).runInTurn('kvm-1', [CALL, CALL]);
  expect(seen).toEqual([told, told, told]);
  expect(commandText('cat', READS, () => 'digest')).toBe('cat < the key');
  expect(() => renderScript([READS], LIMITS, '0'.repeat(32))).toThrow('nobody filled in the secret backup-identity');
});

it('runs nothing where there is no such secret', async () => {
  const seen: Command[] = [];
  const error = new BotError('invalid_config', 'env:KEY is not set');
  const missing = withSecrets(fleet(seen), () => {
    throw error;
  });
  expect(await missing.run('kvm-1', CALL)).toEqual({ outcome: 'failed', error, ran: [] });
  expect(await missing.runInTurn('kvm-1', [CALL])).toEqual([{ outcome: 'failed', error, ran: [] }]);
  expect(seen).toEqual([]);
});
