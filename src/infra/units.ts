/** How a unit of the user's systemd stands. */
import type { Command } from '../domain/command.ts';
import type { Ran } from '../operations/ports.ts';
import { unreadable } from './answer.ts';
import { readUnit } from './images/schema.ts';

export function showUnit(unit: string, more: string) {
  const properties = `--property=LoadState,ActiveState,SubState,Result${more}`;
  const command: Command = { argv: ['systemctl', '--user', 'show', properties, `${unit}.service`], limit: 'quick' };
  return { title: `Look at unit ${unit}`, commands: [command] };
}

export function unitState(unit: string, answer: Ran) {
  const state = readUnit(answer.stdout);
  if (state === null) throw unreadable(`Looking at unit ${unit}`, answer);
  return state;
}
