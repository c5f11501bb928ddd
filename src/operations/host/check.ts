import { z } from 'zod';
import { HostName } from '../../domain/names.ts';
import { hostOf } from '../host-ref.ts';
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
    const hosts = host === undefined ? settings.hosts : [hostOf(settings, host)];
    const checked = await Promise.all(hosts.map(async ({ name }) => ({ name, lines: await checkHost(name) })));
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
