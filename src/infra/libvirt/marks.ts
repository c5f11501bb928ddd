/** Marks in the metadata of a domain that is there: read, written, taken away. What else stands in its metadata stays. */
import type { Command } from '../../domain/command.ts';
import type { MarkVerbs } from '../../operations/mark-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, refused } from '../answer.ts';
import { readDefinitions } from './definition.ts';
import { bareMarks, bareNames, MARKS_KEY, MARKS_NAMESPACE, NAMES_KEY, NAMES_NAMESPACE } from './metadata.ts';
import { readKept, readMarksIn } from './read.ts';
import { isNotRunning, type Virsh } from './virsh.ts';
import { buildXml, type Element } from './xml.ts';

/** The definition goes first: it is what looks ask, and what lasts. */
type Of = 'config' | 'live';

export function markVerbs(virsh: Virsh): MarkVerbs {
  const entry = (uuid: string, of: Of, uri: string, change: readonly string[]): Command =>
    virsh(['metadata', '--domain', uuid, `--${of}`, '--uri', uri, ...change], {
      onFailure: of === 'live' ? 'go-on' : 'stop',
    });
  const set = (key: string, element: Element): readonly string[] => [
    '--key',
    key,
    '--set',
    buildXml(element).trimEnd(),
  ];
  return {
    marksOf: (uuid) => ({
      title: `Read the marks of domain ${uuid}`,
      commands: [virsh(['dumpxml', '--domain', uuid, '--inactive'], { onFailure: 'go-on' })],
      parse: readMarksIn,
    }),
    mark: (uuid, { domain, ...marks }, { live }) => ({
      title: `Mark domain ${uuid} as ${marks.team}/${marks.name}`,
      commands: eachOf(live).flatMap((of) => [
        entry(uuid, of, MARKS_NAMESPACE, set(MARKS_KEY, bareMarks(marks))),
        entry(
          uuid,
          of,
          NAMES_NAMESPACE,
          set(NAMES_KEY, bareNames(domain === undefined ? marks : { ...marks, domainName: domain })),
        ),
      ]),
      parse: (ran) => readLive('Marking the domain', ran),
    }),
    autostarting: () => ({
      title: 'List the domains that start with the host',
      commands: [virsh(['list', '--all', '--autostart', '--uuid'])],
      parse: (ran) =>
        answerTo(ran)
          .stdout.split(/\s+/)
          .filter((word) => word !== ''),
    }),
    keptAs: (uuid) => ({
      title: `Read how domain ${uuid} is kept`,
      commands: [virsh(['dominfo', '--domain', uuid], { onFailure: 'go-on' })],
      parse: readKept,
    }),
    // The marks behind the names, for by them one knows whether something is left.
    definitions: (uuids) => ({
      title: `Read the definitions of ${uuids.length} ${uuids.length === 1 ? 'domain' : 'domains'}`,
      commands: uuids.map((uuid) => virsh(['dumpxml', '--domain', uuid, '--inactive'], { onFailure: 'go-on' })),
      parse: (ran) => readDefinitions(uuids, ran),
    }),
    unmark: (uuid, { live }) => ({
      title: `Take the marks off domain ${uuid}`,
      commands: eachOf(live).flatMap((of) =>
        [NAMES_NAMESPACE, MARKS_NAMESPACE].map((uri) => entry(uuid, of, uri, ['--remove'])),
      ),
      parse: (ran) => readLive('Taking the marks off the domain', ran),
    }),
  };
}

function eachOf(live: boolean): readonly Of[] {
  return live ? ['config', 'live'] : ['config'];
}

/** What is written to the running domain is refused where it was shut down meanwhile: then there is nothing to write it to. */
function readLive(act: string, ran: readonly Ran[]): void {
  const wrong = ran.find((answer) => answer.exit !== 0 && !isNotRunning(answer));
  if (wrong !== undefined) throw refused(act, wrong);
}
