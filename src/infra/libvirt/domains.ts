/** The domain verbs, as virsh command lines and the reading of their answers. */
import type { Stdin } from '../../domain/command.ts';
import type { DomainVerbs } from '../../operations/driver.ts';
import { nothing } from '../answer.ts';
import { cloneXml } from './clone-xml.ts';
import { fillTemplate, renameInXml, titleOf } from './domain-xml.ts';
import { markVerbs } from './marks.ts';
import { bareNames, NAMES_KEY, NAMES_NAMESPACE } from './metadata.ts';
import {
  ADDRESS_SOURCES,
  readAddresses,
  readAutostart,
  readDiskBytes,
  readDisplay,
  readLook,
  readRename,
  readTemplate,
  readXml,
} from './read.ts';
import { sizeVerbs } from './size.ts';
import { templateCommand } from './template.ts';
import type { Virsh } from './virsh.ts';
import { buildXml } from './xml.ts';

/** `tpmFlag`: virsh knows `undefine --tpm` (libvirt 8.9 and newer). */
export function domainVerbs(virsh: Virsh, uri: string, { tpmFlag }: { readonly tpmFlag: boolean }): DomainVerbs {
  const act = (verb: string, title: string, limit: 'quick' | 'normal') => (uuid: string) => ({
    title: `${title} ${uuid}`,
    commands: [virsh([verb, '--domain', uuid], { limit })],
    parse: nothing,
  });

  const undefine = (uuid: string, keepNvram: boolean) =>
    virsh(
      [
        'undefine',
        '--domain',
        uuid,
        '--managed-save',
        '--snapshots-metadata',
        '--checkpoints-metadata',
        keepNvram ? '--keep-nvram' : '--nvram',
        ...(tpmFlag ? [keepNvram ? '--keep-tpm' : '--tpm'] : []),
      ],
      { limit: 'normal' },
    );
  const definition = (xml: string): Stdin => ({ kind: 'text', text: xml, label: 'domain XML' });

  return {
    template: (spec) => ({
      title: `Ask virt-install for a ${spec.osinfo} template`,
      commands: [templateCommand(uri, spec)],
      parse: readTemplate,
    }),
    fillTemplate,
    renameInXml,
    cloneXml,
    define: (xml) => ({
      title: 'Define the domain',
      commands: [virsh(['define', '--file', '/dev/stdin'], { limit: 'normal', stdin: definition(xml) })],
      parse: nothing,
    }),
    // One argument with several commands: virsh reads it as its own shell would, goes on after one that failed, and exits as
    // the last one did. A start after a refused definition finds no such domain.
    defineAndStart: (uuid, xml) => ({
      title: 'Define the domain, and start it',
      commands: [
        virsh([`define --file /dev/stdin; start --domain ${uuid}`], { limit: 'normal', stdin: definition(xml) }),
      ],
      parse: nothing,
    }),
    stopAndUndefine: (uuid) => ({
      title: `Power off domain ${uuid}, and undefine it`,
      commands: [virsh(['destroy', '--domain', uuid], { limit: 'normal', onFailure: 'go-on' }), undefine(uuid, false)],
      parse: nothing,
    }),
    look: (uuid) => ({
      title: `Look at domain ${uuid}`,
      commands: [
        virsh(['domstats', '--nowait', '--state', '--cpu-total', '--balloon', '--vcpu', '--domain', uuid], {
          onFailure: 'go-on',
        }),
      ],
      parse: (ran) => readLook(uuid, ran),
    }),
    start: act('start', 'Start domain', 'normal'),
    // Without --mode: the agent where one answers, else ACPI.
    shutdown: act('shutdown', 'Ask to shut down domain', 'normal'),
    stop: act('destroy', 'Power off domain', 'normal'),
    suspend: act('suspend', 'Suspend domain', 'normal'),
    resume: act('resume', 'Resume domain', 'normal'),
    undefine: (uuid, { keepNvram }) => ({
      title: `Undefine domain ${uuid}`,
      commands: [undefine(uuid, keepNvram)],
      parse: nothing,
    }),
    // The name last: where it is the new one, all before it was done.
    rename: (uuid, names) => ({
      title: `Rename domain ${uuid} to ${names.domainName}`,
      commands: [
        virsh([
          'metadata',
          '--domain',
          uuid,
          '--config',
          '--uri',
          NAMES_NAMESPACE,
          '--key',
          NAMES_KEY,
          '--set',
          buildXml(bareNames(names)).trimEnd(),
        ]),
        virsh(['desc', '--domain', uuid, '--config', '--title', '--new-desc', titleOf(names)]),
        virsh(['domrename', '--domain', uuid, '--new-name', names.domainName], { onFailure: 'go-on' }),
      ],
      parse: readRename,
    }),
    autostart: (uuid, on) => ({
      title: `Turn autostart ${on ? 'on' : 'off'} for domain ${uuid}`,
      commands: [virsh(['autostart', '--domain', uuid, ...(on ? [] : ['--disable'])])],
      parse: nothing,
    }),
    autostartOf: (uuid) => ({
      title: `Read autostart of domain ${uuid}`,
      commands: [virsh(['dominfo', '--domain', uuid], { onFailure: 'go-on' })],
      parse: readAutostart,
    }),
    xml: (uuid, { inactive }) => ({
      title: `Read the XML of domain ${uuid}`,
      commands: [
        virsh(['dumpxml', '--domain', uuid, '--security-info', ...(inactive ? ['--inactive'] : [])], {
          onFailure: 'go-on',
        }),
      ],
      parse: readXml,
    }),
    addresses: (uuid) => ({
      title: `Read the addresses of domain ${uuid}`,
      commands: ADDRESS_SOURCES.map((source) =>
        virsh(['domifaddr', '--domain', uuid, '--source', source], { onFailure: 'go-on' }),
      ),
      parse: readAddresses,
    }),
    vncDisplay: (uuid) => ({
      title: `Read the VNC display of domain ${uuid}`,
      commands: [virsh(['vncdisplay', '--domain', uuid], { onFailure: 'go-on' })],
      parse: readDisplay,
    }),
    ...sizeVerbs(virsh),
    resizeDisk: (uuid, { target, sizeBytes }) => ({
      title: `Tell domain ${uuid} the size of ${target}`,
      commands: [
        virsh(['blockresize', '--domain', uuid, '--path', target, '--size', `${sizeBytes}B`], { limit: 'normal' }),
      ],
      parse: nothing,
    }),
    diskBytes: (uuid, target) => ({
      title: `Read the size of ${target} of domain ${uuid}`,
      commands: [virsh(['domblkinfo', '--domain', uuid, '--device', target], { onFailure: 'go-on' })],
      parse: readDiskBytes,
    }),
    ...markVerbs(virsh),
  };
}
