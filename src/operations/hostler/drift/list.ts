import { z } from 'zod';
import { FINDINGS, findDrift } from '../../drift/find.ts';
import { lookForDrift } from '../../drift/look.ts';
import { driftButtons, KINDS } from '../../drift/text.ts';
import { defineRead } from '../../spec.ts';

const Input = z.strictObject({
  kind: z.enum(FINDINGS).optional().meta({ title: 'Kind', description: 'Only this kind' }),
  ignored: z.boolean().default(false).meta({ title: 'Ignored', description: 'Those that are ignored instead' }),
});

/** A host that takes longer is told of as it was. */
const LOOK_MS = 8_000;

export const hostlerDrift = defineRead({
  name: 'hostler.drift',
  summary: 'List what hosts have and Hostler does not know, or knows otherwise, with what to do about each',
  details:
    'Domains that are no VMs of Hostler’s, volumes that nobody has, what was changed on a host by hand, VMs without an owner, snapshots older than 30 days. What is new is posted to the admin channel once a day. A host that does not answer is left out.',
  input: Input,
  positional: [],
  permission: 'platform',
  examples: ['/hostler drift', '/hostler drift --kind volume', '/hostler drift --ignored'],
  read: async (input: z.infer<typeof Input>, context) => {
    const { rows, settings, clock } = context;
    await lookForDrift(context, AbortSignal.timeout(LOOK_MS));
    const known = new Map(rows.drift.known().map((each) => [each.key, each]));
    const by = (key: string): string | null => known.get(key)?.ignoredBy ?? null;
    const all = findDrift(rows, settings, clock.now()).filter(
      ({ kind }) => input.kind === undefined || kind === input.kind,
    );
    const findings = all.filter(({ key }) => (by(key) !== null) === input.ignored);
    const left = all.length - findings.length;
    const silent = settings.hosts.filter(({ name }) => {
      const row = rows.hosts.find(name);
      return row === null || row.trouble !== null;
    });
    return {
      notice: {
        tone: findings.length > 0 && !input.ignored ? 'warn' : 'plain',
        title: `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}${input.ignored ? ', ignored' : ''}`,
        lines: [
          ...(silent.length === 0
            ? []
            : [`Not looked at, for they don’t answer: ${silent.map(({ name }) => name).join(', ')}.`]),
          ...(left === 0 || input.ignored ? [] : [`${left} more are ignored: \`/hostler drift --ignored\``]),
        ],
        table: {
          columns: ['Kind', 'Host', 'Name', 'What', 'What to do', 'Key'],
          rows: findings.map(({ kind, host, name, what, todo, key }) => [KINDS[kind], host, name, what, todo, key]),
          empty: 'Hosts have what Hostler knows, and nothing else.',
        },
        ...(input.ignored ? {} : { buttons: driftButtons(findings) }),
      },
      json: findings.map(({ repairs, ...finding }) => ({
        ...finding,
        repairs: repairs.flatMap(({ label, press }) =>
          press.do === 'run' || press.do === 'open' ? [{ label, operation: press.name, input: press.input }] : [],
        ),
        ignoredBy: by(finding.key),
      })),
    };
  },
});
