import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { HostName, nearest } from '../../domain/names.ts';
import { defineRead } from '../spec.ts';

export const hostCheck = defineRead({
  name: 'host.check',
  summary: 'Check all that a host needs: connection, rights, libvirt, storage',
  details: 'Prints a line for each thing, and what to do about each that is wrong. Changes nothing.',
  input: z.strictObject({
    host: HostName.optional().meta({ title: 'Host', description: 'This host only', choices: 'host' }),
  }),
  positional: ['host'],
  permission: 'platform',
  examples: ['/host check', '/host check kvm-1'],
  read: async ({ host }, { settings, checkHost }) => {
    const names = settings.hosts.map(({ name }) => name);
    if (host !== undefined && !names.includes(host)) {
      const near = nearest(host, names);
      throw new BotError('not_found', `There is no host ${host}`, {
        field: 'host',
        hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Hosts are ${names.join(', ')}.`,
      });
    }
    const checked = await Promise.all(
      (host === undefined ? names : [host]).map(async (name) => ({ name, lines: await checkHost(name) })),
    );
    const bad = checked.flatMap(({ lines }) => lines.filter(({ ok }) => !ok)).length;
    return {
      notice: {
        tone: bad === 0 ? 'good' : 'bad',
        title: bad === 0 ? 'All is well' : `${bad} ${bad === 1 ? 'thing needs' : 'things need'} doing`,
        code: {
          label: 'Checks',
          text: checked
            .map(({ name, lines }) =>
              [
                `${name}`,
                ...lines.flatMap(({ ok, what, hint }) => [
                  `  ${ok ? '✓' : '✗'} ${what}`,
                  ...(hint === null ? [] : [`      → ${hint}`]),
                ]),
              ].join('\n'),
            )
            .join('\n'),
        },
      },
      json: checked.map(({ name, lines }) => ({ name, ok: lines.every(({ ok }) => ok), checks: lines })),
    };
  },
});
