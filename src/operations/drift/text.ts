import type { Button, Notice, Text } from '../../domain/notice.ts';
import type { Finding } from './find.ts';

export const KINDS: Readonly<Record<Finding['kind'], string>> = {
  domain: 'Domains that Hostler doesn’t know',
  volume: 'Volumes that nobody has',
  changed: 'Changed on the host by hand',
  owner: 'VMs without an owner',
  snapshot: 'Old snapshots',
};

const SHOWN = 10;
const BUTTONS = 4;

/** The findings by kind, each with what to do. */
function driftLines(findings: readonly Finding[]): Text[] {
  const shown = findings.slice(0, SHOWN);
  return [
    ...shown.map(
      ({ kind, host, name, what, todo }): Text => [
        { bold: `${KINDS[kind]}: ${name}` },
        ` on ${host}: ${what}. ${todo}`,
      ],
    ),
    ...(findings.length > SHOWN ? [`… and ${findings.length - SHOWN} more: \`/hostler drift\``] : []),
  ];
}

/** For each of the first: what mends it, and that it is left alone. */
export function driftButtons(findings: readonly Finding[]): Button[] {
  return findings.slice(0, BUTTONS).flatMap(({ key, name, repairs }): Button[] => [
    ...repairs.map((repair) => ({ ...repair, label: repair.label.slice(0, 75) })),
    {
      label: `Ignore ${name}`.slice(0, 75),
      press: { do: 'run', name: 'hostler.drift.ignore', input: { what: key } },
    },
  ]);
}

/** What is new since it was told last. */
export function newDriftNotice(fresh: readonly Finding[], all: number): Notice {
  return {
    tone: 'warn',
    title:
      fresh.length === 1
        ? 'New on the hosts: 1 thing to look at'
        : `New on the hosts: ${fresh.length} things to look at`,
    lines: driftLines(fresh),
    facts: [{ name: 'In all', value: String(all) }],
    buttons: [{ label: 'Show all', press: { do: 'run', name: 'hostler.drift', input: {} } }, ...driftButtons(fresh)],
  };
}
